"""The ways by which a key gets to where Terraform runs: what arrives there, of the user's own file and of the value.

A well-formed secret is letters, digits, + and /: none of these ways changes it. What changes it is what a file has
around it (quotes, a carriage return, a comment), which one reader takes off and the next one keeps.
"""

from __future__ import annotations

from functools import partial

from tfwrap.lean import NamedTuple
from tfwrap.rotation import readers
from tfwrap.rotation.candidate import ENV, KEY_ID, SECRET, SHARED, TOKEN
from tfwrap.rotation.check import CHANNELS, FAILED, OK, Check
from tfwrap.rotation.difference import difference
from tfwrap.rotation.material import BYTE_ORDER_MARK, UTF_16

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tfwrap.rotation.candidate import Candidate

SAME = "same"
CHANGED = "changed"
NOT_READ = "not-read"  # the key does not arrive: the reader says so, or AWS's libraries look elsewhere


class Arrival(NamedTuple):
    """What comes out of a channel, in words: SAME, CHANGED or NOT_READ.

    `reads_file` tells the user's own file from a plain one that is written for this channel.
    """

    channel: str
    status: str
    words: str
    reads_file: bool = False


class Channel(NamedTuple):
    """A channel: how one uses it, the form of the files that it reads, and how; how a plain file is written for it.

    `read` gets the text, and the section that is wanted of a shared file.
    """

    use: str
    form: str
    read: Callable[[str, str], Mapping[str, str]]
    plain: str


def names() -> tuple[str, ...]:
    """The channels, as they are named on the command line."""
    return (*_CHANNELS, BASE64, GIT_BASH)


def arrivals(candidate: Candidate, environ: Mapping[str, str], chosen: Sequence[str] = ()) -> list[Arrival]:
    """What arrives by each of the chosen channels; by each that there is where none is chosen."""
    read = (_read(candidate, name, channel) for name, channel in _CHANNELS.items())
    found = (*read, _of_base64(candidate), _of_git_bash(candidate, environ))
    return [each for each in found if not chosen or each.channel in chosen]


def check(found: Sequence[Arrival]) -> Check:
    """The check: a value that is changed in silence stands in the way, and a file that nothing reads as it is."""
    changed = [each.channel for each in found if each.status == CHANGED]
    good = [each.channel for each in found if each.status == SAME]
    of_file = [each.status for each in found if each.reads_file]
    if changed:
        fix = ["write the file without what surrounds the value"]
        fix += [f"or, where only these are used: {' '.join(f'--channel {name}' for name in good)}"] if good else []
        return Check(CHANNELS, FAILED, f"another value arrives by {', '.join(changed)}", fix=tuple(fix))
    if of_file and SAME not in of_file:
        return Check(CHANNELS, FAILED, "nothing reads this file", fix=("write it anew, as plain UTF-8",))
    return Check(CHANNELS, OK, f"the very value arrives by {', '.join(good)}")


def _by_name(read: Callable[[str], Mapping[str, str]]) -> Callable[[str, str], Mapping[str, str]]:
    return lambda text, _: read(text)


_LINES = "AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\nAWS_SESSION_TOKEN={}\n"
_SECTION = "[default]\naws_access_key_id={}\naws_secret_access_key={}\naws_session_token={}\n"
_CHANNELS: Mapping[str, Channel] = {
    "shell": Channel("set -a; . FILE", ENV, _by_name(readers.by_shell), _LINES),
    "dotenv": Channel("a .env file", ENV, _by_name(readers.by_dotenv), _LINES),
    "docker": Channel("docker run --env-file FILE", ENV, _by_name(readers.by_docker), _LINES),
    "github": Channel('cat FILE >> "$GITHUB_ENV"', ENV, _by_name(readers.by_github), _LINES),
    "terraform": Channel("a shared AWS file", SHARED, readers.by_go, _SECTION),
    "aws-cli": Channel("a shared AWS file", SHARED, readers.by_botocore, _SECTION),
}
BASE64 = "base64"
GIT_BASH = "git-bash"
_NAMES = {
    ENV: {KEY_ID: "AWS_ACCESS_KEY_ID", SECRET: "AWS_SECRET_ACCESS_KEY", TOKEN: "AWS_SESSION_TOKEN"},
    SHARED: {KEY_ID: "aws_access_key_id", SECRET: "aws_secret_access_key", TOKEN: "aws_session_token"},
}


def _read(candidate: Candidate, name: str, channel: Channel) -> Arrival:
    """What the channel makes of the user's file, or, for a key that stands in another form, of a plain one."""
    if candidate.form != channel.form:
        plain = channel.plain.format(*map(candidate.value, (KEY_ID, SECRET, TOKEN)))
        wanted = {_NAMES[channel.form][part]: candidate.value(part) for part in candidate.parts}
        status, words = _compared(wanted, partial(channel.read, plain, "default"))
        return Arrival(name, status, words)
    if candidate.material.encoding == UTF_16:
        return Arrival(name, NOT_READ, f"{channel.use}: the file is UTF-16, which it does not read", reads_file=True)
    mark = "\ufeff" if candidate.material.encoding == BYTE_ORDER_MARK else ""
    wanted = {part.name: part.value.reveal() for part in candidate.parts.values()}
    text = mark + candidate.material.text.reveal()
    status, words = _compared(wanted, partial(channel.read, text, candidate.section))
    because = f" (the file begins with {BYTE_ORDER_MARK})" if mark and status == NOT_READ else ""
    return Arrival(name, status, f"{channel.use}: {words}{because}", reads_file=True)


def _compared(wanted: Mapping[str, str], read: Callable[[], Mapping[str, str]]) -> tuple[str, str]:
    """What a reader finds under the names that are wanted, compared with what is meant."""
    try:
        found = read()
    except readers.RefusedError as error:
        return NOT_READ, f"not taken, {error}"
    if missing := [name for name in wanted if name not in found]:
        return NOT_READ, f"{' and '.join(missing)} would not be set"
    changed = [
        f"{name} would be {difference(found[name], meant)}" for name, meant in wanted.items() if found[name] != meant
    ]
    return (CHANGED, "; ".join(changed)) if changed else (SAME, "as it is")


def _of_base64(candidate: Candidate) -> Arrival:
    """The encoding loses nothing; what people pipe into it has a line break too many."""
    size = len(candidate.value(SECRET))
    words = f"printf %s gives back {size} characters; echo adds a line break, and there would be {size + 1}"
    return Arrival(BASE64, SAME, words)


def _of_git_bash(candidate: Candidate, environ: Mapping[str, str]) -> Arrival:
    """To MSYS2 a value that begins with a slash is a path (msys2.org, "Filesystem Paths"): on Windows, there alone."""
    if not candidate.value(SECRET).startswith("/"):
        return Arrival(GIT_BASH, SAME, "as it is: only what begins with a slash is taken for a path")
    name = candidate.parts[SECRET].name if candidate.form == ENV else _NAMES[ENV][SECRET]
    excluded = environ.get("MSYS2_ENV_CONV_EXCL", "").split(";")
    is_safe = any(prefix == "*" or (prefix and name.startswith(prefix)) for prefix in excluded)
    words = (
        f"the secret begins with a slash, which is replaced by a folder (C:/Program Files/Git/…) when Git Bash starts "
        f"a Windows program; export MSYS2_ENV_CONV_EXCL={name} prevents that"
    )
    return Arrival(GIT_BASH, CHANGED if environ.get("MSYSTEM") and not is_safe else SAME, words)
