"""The shared AWS files. tests/real/test_aws_files.py asks the real Terraform the same questions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tfwrap.aws import config as awsconfig

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.aws.config import AwsFiles, Profile

KEY = "AKIAMADEUPBYATEST001"
OTHER = "AKIAMADEUPBYATEST002"
D = "[default]\n"


def pair(key: str = KEY, mark: str = " = ", indent: str = "", end: str = "\n") -> str:
    lines = (f"aws_access_key_id{mark}{key}", f"aws_secret_access_key{mark}madeUp/by+a/test")
    return "".join(f"{indent}{line}{end}" for line in lines)


def one(key: str, secret: str = "s") -> str:
    return f"{D}aws_access_key_id = {key}\naws_secret_access_key = {secret}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".aws").mkdir()
    return tmp_path


def files(home: Path, credentials: str | bytes = "", config: str | bytes = "", **environ: str) -> AwsFiles:
    for name, text in (("credentials", credentials), ("config", config)):
        (home / ".aws" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return awsconfig.read({"HOME": str(home), **environ})


def profile(found: AwsFiles, name: str = "default") -> Profile:
    return found.profiles[name]


READ: list[Any] = [
    pytest.param(one(KEY), id="plain"),
    pytest.param(one(f'"{KEY}"', '"s"'), id="double quotes"),
    pytest.param(one(f"'{KEY}'", "'s'"), id="single quotes"),
    pytest.param(one(f"{KEY} # c", "s ; c"), id="a comment behind a value"),
    pytest.param(one(f"{KEY}\t# c", "s\t; c"), id="a comment behind a tab"),
    pytest.param(one(f'"{KEY}" # c', '"s" ; c'), id="a comment behind quotes"),
    pytest.param(D + pair(indent="  "), id="indented keys"),
    pytest.param(D + pair(indent="\t"), id="keys indented with a tab"),
    pytest.param(D + f"aws_access_key_id = {KEY}\n  aws_secret_access_key = s\n", id="the second one indented"),
    pytest.param(D + f"  aws_access_key_id = {KEY} # c\n  aws_secret_access_key = s\n", id="indented, with a comment"),
    pytest.param("  [default]\n" + pair(), id="an indented section"),
    pytest.param("[ default ]\n" + pair(), id="spaces in a section"),
    pytest.param("[default] # c\n" + pair(), id="a comment behind a section"),
    pytest.param("[default];c\n" + pair(), id="a comment right behind a section"),
    pytest.param(D + pair(mark=": "), id="a colon"),
    pytest.param(D + pair(mark="="), id="no spaces"),
    pytest.param(D + pair(end="\r\n"), id="carriage returns"),
    pytest.param(D + pair(end="  \t\n"), id="spaces behind"),
    pytest.param(D + pair(mark=" =\u00a0"), id="a no-break space"),
    pytest.param(D + pair(end="\u00a0\n"), id="a no-break space behind"),
    pytest.param(D + pair().replace("aws_", "AWS_"), id="upper-case key names"),
    pytest.param("# c\n; c\n   # c\n\n" + D + pair(), id="comments and empty lines"),
    pytest.param((D + "# caf\u00e9\n" + pair()).encode("latin-1"), id="a comment in Latin-1"),
    pytest.param("\ufeff[x]\n" + one(KEY), id="a byte order mark spoils only the section behind it"),
    pytest.param("[a]\ns3 =\n" + D + pair(indent="  "), id="a new section ends the nesting of the one before"),
    pytest.param(D + "s3 =\n  aws_access_key_id = nested\n" + pair(), id="nested settings are another thing"),
    pytest.param(D + pair() + f"x = a\u2028aws_access_key_id = {OTHER}\n", id="a line is what ends in a line feed"),
    pytest.param(D + pair(OTHER) + "[x]\n" + pair(OTHER) + D + pair(), id="a section twice: the last value"),
    pytest.param(D + pair(OTHER) + pair(), id="a key twice: the last value"),
]
NOT_READ: list[Any] = [
    pytest.param("", id="an empty file"),
    pytest.param("\ufeff" + one(KEY), id="a byte order mark"),
    pytest.param(one(KEY).encode("utf-16"), id="UTF-16"),
    pytest.param(pair(), id="no section"),
    pytest.param(f"export AWS_ACCESS_KEY_ID={KEY}\nexport AWS_SECRET_ACCESS_KEY=s\n", id="a script"),
    pytest.param(D + f"export AWS_ACCESS_KEY_ID={KEY}\nexport AWS_SECRET_ACCESS_KEY=s\n", id="a script in a section"),
    pytest.param("[DEFAULT]\n" + pair(), id="an upper-case section"),
    pytest.param("[default\n" + pair(), id="a section that is not closed"),
    pytest.param("[default] x\n" + pair(), id="something behind a section"),
    pytest.param((D + pair()).replace("\n", "\r"), id="carriage returns alone"),
    pytest.param(D + "s3 =\n" + pair(indent="  "), id="nested below another setting"),
    pytest.param("[other]\n" + pair(), id="another section"),
    pytest.param(D + "# " + pair().replace("\n", "\n# "), id="commented out"),
    pytest.param('["default"]\n' + pair(), id="quotes belong to the name"),
    pytest.param("[profile default]\n" + pair(), id="the config file's kind of section"),
    pytest.param(D + pair(mark=" "), id="no sign between key and value"),
]


@pytest.mark.parametrize("credentials", READ)
def test_a_pair_is_read_where_terraform_reads_it(credentials: str | bytes, home: Path) -> None:
    found = profile(files(home, credentials))
    assert found.get("aws_access_key_id") == KEY
    assert found.secret_key is not None
    assert not found.is_partial


@pytest.mark.parametrize("credentials", NOT_READ)
def test_no_pair_is_read_where_terraform_finds_none(credentials: str | bytes, home: Path) -> None:
    found = files(home, credentials).profiles.get("default")
    assert found is None or found.get("aws_access_key_id") == ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param(f"{KEY}#c", f"{KEY}#c", id="a comment needs a space before it"),
        pytest.param(f"'{KEY}\"", f"'{KEY}\"", id="quotes that do not match stay"),
        pytest.param("a=b:c=", "a=b:c=", id="only the first sign divides"),
        pytest.param('"', '"', id="a single quote mark"),
        pytest.param('""', "", id="empty quotes"),
        pytest.param("a\n  more", "a\nmore", id="an indented line without a sign continues the value"),
    ],
)
def test_a_value_is_kept_as_terraform_keeps_it(text: str, value: str, home: Path) -> None:
    assert profile(files(home, f"{D}x = {text}\n")).get("x") == value


def test_the_services_of_a_profile_are_kept_apart(home: Path) -> None:
    found = files(home, f"{D}services = local\n", "[services local]\nsts =\n  endpoint_url = http://s\ns3 =\n  x = 1\n")
    assert found.services == {"local": {"sts": "", "sts.endpoint_url": "http://s", "s3": "", "s3.x": "1"}}
    assert profile(found).get("services") == "local"


def test_in_an_indented_line_the_quotes_go_before_the_comment_does(home: Path) -> None:
    assert profile(files(home, f'{D}  x = "a" # c\n  y = "a"\n')).settings == {"x": '"a"', "y": "a"}


def test_the_security_token_is_no_session_token(home: Path) -> None:
    assert profile(files(home, D + pair() + "aws_security_token = madeUp\n")).token is None
    found = profile(files(home, D + pair() + "aws_session_token = madeUp\n"))
    assert found.token
    assert found.token.reveal() == "madeUp"
    assert "madeUp" not in f"{found.token} {found.secret_key}"


# Two files


def test_the_credentials_file_wins_key_by_key(home: Path) -> None:
    found = profile(files(home, one(KEY), one(OTHER) + "region = r\naws_session_token = t\n"))
    assert found.get("aws_access_key_id") == KEY
    assert found.get("region") == "r"
    assert found.token is None
    assert found.locations["aws_access_key_id"] == "~/.aws/credentials"
    assert found.locations["region"] == "~/.aws/config"


@pytest.mark.parametrize(
    ("credentials", "config"),
    [
        pytest.param(f"{D}aws_access_key_id = {KEY}\n", "", id="alone"),
        pytest.param(f"{D}aws_access_key_id = {KEY}\n", one(OTHER), id="over a pair"),
        pytest.param(f"{D}aws_access_key_id = {KEY}\n", f"{D}aws_secret_access_key = s\n", id="halves in two files"),
        pytest.param(f"{D}aws_secret_access_key = s\n", one(OTHER), id="the secret alone, over a pair"),
        pytest.param("", f"{D}aws_access_key_id = {KEY}\n", id="in the config file"),
    ],
)
def test_half_a_pair_is_partial_and_never_made_whole(credentials: str, config: str, home: Path) -> None:
    found = profile(files(home, credentials, config))
    assert found.is_partial
    assert not (found.get("aws_access_key_id") and found.secret_key)


@pytest.mark.parametrize(
    ("credentials", "config"),
    [
        pytest.param(one(KEY), f"{D}aws_access_key_id = {OTHER}\n", id="a pair over half of one"),
        pytest.param(f"{D}aws_access_key_id =\naws_secret_access_key =\n", "", id="both empty"),
        pytest.param(f"{D}aws_access_key_id = {KEY}\naws_secret_access_key =\n", "", id="an empty half is no half"),
        pytest.param(f"{D}region = r\n", "", id="neither"),
    ],
)
def test_what_is_whole_or_nothing_is_not_partial(credentials: str, config: str, home: Path) -> None:
    assert not profile(files(home, credentials, config)).is_partial


@pytest.mark.parametrize(
    ("config", "names"),
    [
        pytest.param("[default]\nx=1\n", {"default"}, id="default"),
        pytest.param("[profile lab]\nx=1\n", {"lab"}, id="a profile"),
        pytest.param("[profile   lab]\nx=1\n", {"lab"}, id="more spaces"),
        pytest.param("[profile\tlab]\nx=1\n", {"lab"}, id="a tab"),
        pytest.param("[profile my lab]\nx=1\n", {"my lab"}, id="two words"),
        pytest.param('[profile "lab"]\nx=1\n', {'"lab"'}, id="quotes belong to the name"),
        pytest.param("[lab]\nx=1\n", set(), id="without `profile` it is none"),
        pytest.param("[profile]\nx=1\n", set(), id="without a name"),
        pytest.param("[sso-session lab]\nx=1\n", set(), id="an SSO session"),
        pytest.param("[services lab]\nx=1\n", set(), id="services"),
    ],
)
def test_a_profile_of_the_config_file_says_so(config: str, names: set[str], home: Path) -> None:
    assert set(files(home, config=config).profiles) == names


@pytest.mark.parametrize("sections", [("default", "profile default"), ("profile default", "default")])
def test_profile_default_beats_default(sections: tuple[str, str], home: Path) -> None:
    config = "".join(f"[{section}]\nx = {section}\n" for section in sections)
    assert profile(files(home, config=config)).settings == {"x": "profile default"}


def test_names_count_as_they_are_written(home: Path) -> None:
    assert set(files(home, "[Lab]\nx=1\n[lab]\nx=2\n[my  lab]\nx=3\n").profiles) == {"Lab", "lab", "my lab"}


# Where they are


@pytest.mark.parametrize(
    ("environ", "credentials", "config"),
    [
        pytest.param({}, "~/.aws/credentials", "~/.aws/config", id="the usual places"),
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "/c"}, "/c", "~/.aws/config", id="another credentials file"),
        pytest.param({"AWS_CONFIG_FILE": "/c"}, "~/.aws/credentials", "/c", id="another config file"),
        pytest.param({"AWS_SHARED_CONFIG_FILE": "/s"}, "~/.aws/credentials", "/s", id="by the backend's own name"),
        pytest.param({"AWS_CONFIG_FILE": "/c", "AWS_SHARED_CONFIG_FILE": "/s"}, "~/.aws/credentials", "/s", id="both"),
        pytest.param(
            {"AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": ""},
            "~/.aws/credentials",
            "~/.aws/config",
            id="empty",
        ),
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "~/c"}, "~/c", "~/.aws/config", id="the home"),
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "$HOME/c"}, "~/c", "~/.aws/config", id="a variable"),
        pytest.param({"AWS_SHARED_CONFIG_FILE": "${X}/c", "X": "/x"}, "~/.aws/credentials", "/x/c", id="in braces"),
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "/x$NONE/c"}, "/x/c", "~/.aws/config", id="an unset variable"),
        pytest.param({"AWS_CONFIG_FILE": "/$HOME"}, "~/.aws/credentials", "/$HOME", id="the SDK's own is verbatim"),
        pytest.param({"AWS_CONFIG_FILE": "~/c"}, "~/.aws/credentials", "/w/~/c", id="so is its home sign"),
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "../c"}, "/w/../c", "~/.aws/config", id="relative"),
    ],
)
def test_the_environment_says_where_they_are(environ: dict[str, str], credentials: str, config: str) -> None:
    found = awsconfig.read({"HOME": "/nonexistent/h", **environ}, "/w")
    assert (found.credentials_path, found.config_path) == (credentials, config)
    assert (found.profiles, found.problems) == ({}, ())


def test_what_is_looked_at_is_named(home: Path) -> None:
    assert awsconfig.paths({"HOME": str(home)}, "/w") == [f"{home}/.aws/config", f"{home}/.aws/credentials"]


def test_a_directory_in_the_place_of_a_file_is_a_problem(home: Path) -> None:
    found = files(home, AWS_SHARED_CREDENTIALS_FILE=str(home))
    assert found.problems == (f"{home}: is not a regular file",)


def test_a_pipe_is_left_to_terraform_to_read(home: Path) -> None:
    """`AWS_SHARED_CREDENTIALS_FILE=<(vault ...)`: its bytes come once."""
    reader, writer = os.pipe()
    os.write(writer, one(KEY).encode())
    os.close(writer)
    path = f"/dev/fd/{reader}"
    found = files(home, AWS_SHARED_CREDENTIALS_FILE=path)
    assert (found.profiles, found.problems) == ({}, (f"{path}: is not a regular file",))
    assert os.read(reader, 100).startswith(b"[default]")
    os.close(reader)


def test_a_named_pipe_is_not_waited_for(home: Path) -> None:
    os.mkfifo(home / "pipe")
    assert files(home, AWS_CONFIG_FILE=str(home / "pipe")).profiles == {}


def test_a_huge_file_is_read_in_part(home: Path) -> None:
    found = files(home, one(KEY).encode() + b"# " + b"x" * (5 << 20))
    assert profile(found).get("aws_access_key_id") == KEY


def test_a_home_that_is_not_set_is_looked_up() -> None:
    assert os.path.isabs(awsconfig.paths({})[0])
