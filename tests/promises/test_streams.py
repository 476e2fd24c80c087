"""Promise 1: whatever the streams carry, however much and however slowly: nothing lost, nothing held back."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testing import recorder
from testing import world as worlds

if TYPE_CHECKING:
    from tests.promises.conftest import Played

MEGABYTE = 1 << 20


def peak_memory_mb(pid: int) -> float:
    """The peak resident memory of a process that still runs, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) / 1024


def test_two_hundred_megabytes_of_trace_pass_in_bounded_memory(played: Played) -> None:
    do = f"line = b'2026-01-01T00:00:00.000Z [TRACE] ' + b'x' * 90 + b'\\n'\nblock = line * {MEGABYTE // 128}\n"
    do += "for _ in range(200): out(block, 2)\nout('done'); sys.stdin.read()"
    with subprocess.Popen(
        [played.shim, "plan"],
        env=played.environ(RECORDER_DO=do),
        cwd=played.world.cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        size = 0
        while size < 200 * (MEGABYTE // 128) * 124:
            size += len(os.read(process.stderr.fileno(), MEGABYTE))
        assert process.stdout.read(4) == b"done"
        assert peak_memory_mb(process.pid) < 60
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x00\x01\xff\xfe\r\n\r" * 1000, id="NULs and bytes that are no text"),
        pytest.param("│ Fehler: größer\n".encode()[:-3], id="half a character at the end"),
        pytest.param(b"x" * (10 * MEGABYTE), id="a line of ten megabytes"),
        pytest.param(b"", id="nothing at all"),
        pytest.param(b"\x1b[31m\x1b]0;title\x07" * 50, id="escape sequences"),
    ],
)
def test_any_bytes_arrive_as_they_were(played: Played, content: bytes) -> None:
    source = played.world.root / "content"
    source.write_bytes(content)
    do = f"data = open({str(source)!r}, 'rb').read(); out(data, 1); out(data, 2); sys.exit(1)"
    done = worlds.run(played.world, [played.shim, "plan"], {"RECORDER_DO": do})
    assert done.stdout == content
    assert done.stderr == content
    assert done.status == 1


WRITES = "for descriptor, data in json.load(open({path!r})): out(bytes.fromhex(data), descriptor)\nsys.exit(1)"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=100_000)), max_size=12))
def test_both_streams_come_out_as_they_were_written_apart_and_in_one(
    played: Played, writes: list[tuple[int, bytes]]
) -> None:
    path = played.world.root / "writes"
    path.write_text(json.dumps([(descriptor, data.hex()) for descriptor, data in writes]))
    do = WRITES.format(path=str(path))
    apart = worlds.run(played.world, [played.shim, "plan"], {"RECORDER_DO": do})
    assert apart.stdout == b"".join(data for descriptor, data in writes if descriptor == 1)
    assert apart.stderr == b"".join(data for descriptor, data in writes if descriptor == 2)
    in_one = worlds.run(played.world, ["bash", "-c", "terraform plan 2>&1"], {"RECORDER_DO": do})
    assert in_one.stdout == b"".join(data for _, data in writes)
    assert (apart.status, in_one.status) == (1, 1)


def test_a_slow_reader_gets_everything(played: Played) -> None:
    do = f"data = bytes(range(256)) * {MEGABYTE // 256}\nout(data, 2); out(data, 2)"
    with subprocess.Popen(
        [played.shim, "plan"], env=played.environ(RECORDER_DO=do), cwd=played.world.cwd, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        time.sleep(1)
        digest, size = hashlib.sha256(), 0
        while chunk := os.read(process.stderr.fileno(), 100_000):
            digest.update(chunk)
            size += len(chunk)
            time.sleep(0.005)
        assert process.wait(timeout=30) == 0
    assert size == 2 * MEGABYTE
    assert digest.digest() == hashlib.sha256(bytes(range(256)) * (2 * MEGABYTE // 256)).digest()


def test_a_prompt_without_an_end_of_line_is_not_held_back(played: Played) -> None:
    do = "err('Enter a value: '); answer = sys.stdin.readline(); out('got ' + answer)"
    with subprocess.Popen(
        [played.shim, "plan"],
        env=played.environ(RECORDER_DO=do),
        cwd=played.world.cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        assert os.read(process.stderr.fileno(), 100) == b"Enter a value: "
        process.stdin.write(b"yes\n")
        process.stdin.close()
        assert process.stdout.read() == b"got yes\n"


def test_a_background_process_that_keeps_the_stream_open_does_not_keep_us(played: Played) -> None:
    """With the bare binary the prompt comes back when Terraform ends, whoever else still holds its stderr."""
    do = "import subprocess; subprocess.Popen(['sleep', '20']); err('bye\\n')"
    started = time.monotonic()
    with subprocess.Popen(
        [played.shim, "plan"],
        env=played.environ(RECORDER_DO=do),
        cwd=played.world.cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.wait(timeout=15) == 0
        assert time.monotonic() - started < 10
        assert process.stderr
        assert os.read(process.stderr.fileno(), 100) == b"bye\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("streams", ["2>/dev/full", ">/dev/full 2>&1"])
def test_a_full_disk_does_not_end_terraform(played: Played, streams: str) -> None:
    """Go goes on when it cannot write its words down; a broken pipe would end it, in the middle of an apply."""
    do = (
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "for _ in range(3):\n"
        "    try:\n        err('x' * 100000)\n    except OSError:\n        pass\n    wait(0.1)\n"
        "note(ended=True)\nsys.exit(3)"
    )
    done = worlds.run(played.world, ["bash", "-c", f"terraform apply {streams}"], {"RECORDER_DO": do})
    assert done.status == 3
    assert list(recorder.records(played.record))[-1] == {"ended": True}


def test_json_diagnostics_on_stdout_are_watched_without_a_byte_changed(played: Played) -> None:
    line = (
        '{"@level":"error","@message":"Error: x","type":"diagnostic","diagnostic":{"severity":"error","summary":'
        '"validating provider credentials: api error InvalidClientTokenId: The token is invalid.","detail":""}}'
    )
    do = f"out('''{line}\\n'''); sys.exit(1)"
    done = worlds.run(played.world, [played.shim, "plan", "-json"], {"RECORDER_DO": do, "TFWRAP_OFFLINE": "1"})
    assert done.stdout.decode() == line + "\n"
    assert b"InvalidClientTokenId" in done.stderr
    assert done.status == 1


def test_an_output_that_mentions_the_error_is_no_failure(played: Played) -> None:
    text = "value = api error InvalidClientTokenId: The security token included in the request is invalid."
    for do in (f"out('{text}\\n')", f"out('{text}\\n'); sys.exit(2)", f"err('{text}\\n'); sys.exit(1)"):
        done = worlds.run(played.world, [played.shim, "plan"], {"RECORDER_DO": do})
        assert b"tfwrap" not in done.stderr
    assert len(list(recorder.records(played.record))) == 3
