"""The `credential_process` of a bridged profile: asks the running tfwrap and prints what it says.

    python -I -S client.py SOCKET NUMBER

It imports nothing of tfwrap and no more of Python than it must: every AWS provider and the backend start one.
"""

from __future__ import annotations

import _socket  # the C half: `socket` itself takes 8 ms to build its enums
import sys

GOOD, BAD = b"+", b"-"
LIMIT_S = 55  # the SDK waits a minute for a credential_process (processcreds.DefaultTimeout)


def main(path: str, number: str) -> int:
    """Print the credentials, or say on standard error why there are none; the exit status."""
    try:
        answer = ask(path, number)
    except OSError as error:
        answer = BAD + f"the tfwrap that serves this profile does not answer ({error.strerror or error})".encode()
    if answer[:1] == GOOD:
        sys.stdout.write(f"{answer[1:].decode()}\n")
        return 0
    words = answer[1:].decode("utf-8", "replace") or "the tfwrap that serves this profile gave no answer"
    sys.stderr.write(f"tfwrap: {words}\n")
    return 1


def ask(path: str, number: str) -> bytes:
    """The whole answer. Raises OSError."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(LIMIT_S)
        connection.connect(path)
        connection.sendall(number.encode())
        connection.shutdown(_socket.SHUT_WR)
        answer = b""
        while part := connection.recv(1 << 16):
            answer += part
        return answer
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
