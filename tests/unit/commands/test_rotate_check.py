"""`tfwrap rotate-check` as a program: what it prints, how it ends, and that no secret comes out of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jsonschema  # type: ignore[import-untyped]
import pytest

from testing import world as worlds
from tests.unit.rotation import texts
from tfwrap.redaction import encodings

if TYPE_CHECKING:
    from testing.processes import Finished
    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

TFWRAP = [sys.executable, "-I", "-m", "tfwrap", "rotate-check"]
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "rotate-check.schema.json").read_text())


class Rotation(NamedTuple):
    """A world in which `old` is in the credentials file and `new` was just made for the same user."""

    world: World
    stand: Stand
    old: AccessKey
    new: AccessKey

    def check(self, *words: str, stdin: str = "", **more: str) -> Finished:
        """Run the command."""
        environ = {**self.stand.environment(), **more}
        return worlds.run(self.world, [*TFWRAP, *words], {**environ}, stdin=stdin.encode())

    def write(self, name: str, text: str) -> str:
        """A file with the new key in the place of the made-up one."""
        (self.world.cwd / name).write_bytes(self.filled(text).encode())
        return name

    def filled(self, text: str) -> str:
        """The text with the new key in it."""
        return text.replace(texts.KEY_ID, self.new.id).replace(texts.SECRET, self.new.secret)


@pytest.fixture
def rotation(world: World, stand: Stand) -> Rotation:
    user = f"user-{world.root.parent.name}"
    old = stand.keys.create(user=user, suffix="0001")
    new = stand.keys.create(user=user, suffix="0002")
    stand.keys.age(old.id, 95.5 * 86_400)
    pair = {"aws_access_key_id": old.id, "aws_secret_access_key": old.secret}
    worlds.write_credentials(world, {"default": pair})
    return Rotation(world, stand, old, new)


def test_a_good_key_may_go_live(rotation: Rotation) -> None:
    done = rotation.check(rotation.write("new.csv", texts.CONSOLE))
    assert (done.status, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "candidate AKIA****0002 (new.csv:2, a CSV file of the AWS console)"
    assert [line.split()[0] for line in lines[2:7:1] if line[0] != " "][:4] == ["ok", "ok", "ok", "note"]
    assert "account      111111111111, that of key AKIA****0001, which Terraform uses now" in done.stdout.decode()
    assert "AKIA****0001 is Active, 95 days old (too old), and Terraform uses it now" in done.stdout.decode()
    assert lines[-1] == "this key may go live"


@pytest.mark.parametrize(
    "text", [texts.OLD_CONSOLE, texts.IAM, texts.VAULT, texts.KV, texts.SHARED, texts.ENV], ids=str.__len__
)
def test_every_form_may_go_live_from_a_file_and_from_standard_input(text: str, rotation: Rotation) -> None:
    assert rotation.check(rotation.write("new", text)).status == 0
    assert rotation.check("-", stdin=rotation.filled(text)).status == 0


def test_a_pipe_may_be_given(rotation: Rotation) -> None:
    script = f'exec "$@" <(cat {rotation.write("new.json", texts.VAULT)})'
    done = worlds.run(rotation.world, ["bash", "-c", script, "-", *TFWRAP], {**rotation.stand.environment()})
    assert (done.status, done.stderr) == (0, b"")


def test_a_profile_of_the_shared_files_may_be_given(rotation: Rotation) -> None:
    pair = {"aws_access_key_id": rotation.new.id, "aws_secret_access_key": rotation.new.secret}
    worlds.write_config(rotation.world, {"profile next": pair})
    done = rotation.check("next")
    assert (done.status, b"(~/.aws/config:3, a shared AWS file)" in done.stdout) == (0, True)
    assert rotation.check("--profile", "next").status == 0


NOT_READY = [
    ("quotes that docker keeps", texts.ENV.replace(texts.SECRET, f'"{texts.SECRET}"'), {}, "failed: channels"),
    ("a damaged secret", texts.IAM.replace(texts.SECRET, f" {texts.SECRET}"), {}, "failed: well formed, channels"),
    ("another account", texts.IAM, {"TFWRAP_ACCOUNT": "222222222222"}, "failed: account"),
    ("another secret", texts.IAM.replace(texts.SECRET, texts.SECRET[::-1]), {}, "failed: STS"),
    ("offline", texts.IAM, {"TFWRAP_OFFLINE": "1"}, "not checked: STS"),
]


@pytest.mark.parametrize(("text", "more", "why"), [pytest.param(*row[1:], id=row[0]) for row in NOT_READY])
def test_a_key_with_which_something_is_wrong_may_not(
    text: str, more: dict[str, str], why: str, rotation: Rotation
) -> None:
    done = rotation.check(rotation.write("new", text), **more)
    assert done.status == 1
    assert done.stdout.decode().splitlines()[-1] == f"not to go live: {why}"


def test_offline_is_an_option_as_well_and_asks_nobody(rotation: Rotation) -> None:
    rotation.stand.forget()
    done = rotation.check(rotation.write("new.json", texts.IAM), "--offline")
    assert (done.status, rotation.stand.requests) == (1, [])
    assert "111111111111, that of key AKIA****0001" in done.stdout.decode()


def test_the_account_of_a_settings_file_counts(rotation: Rotation) -> None:
    (rotation.world.cwd / ".tfwrap.toml").write_text('account = "222222222222"\n')
    done = rotation.check(rotation.write("new.json", texts.IAM))
    assert (done.status, b"222222222222 (as .tfwrap.toml:1 pins it)" in done.stdout) == (1, True)


def test_the_age_limit_of_a_settings_file_counts(rotation: Rotation) -> None:
    (rotation.world.home / ".config/tfwrap").mkdir(parents=True)
    (rotation.world.home / ".config/tfwrap/config.toml").write_text("key_age_days = 100\n")
    assert b"95 days old, and" in rotation.check(rotation.write("new.json", texts.IAM)).stdout


def test_channels_that_are_not_the_users_own_do_not_count(rotation: Rotation) -> None:
    name = rotation.write("new.env", texts.ENV.replace(texts.SECRET, f"'{texts.SECRET}'"))
    assert rotation.check(name).status == 1
    assert rotation.check(name, "--channel", "shell", "--channel", "dotenv").status == 0


MISTAKES = [
    ("nothing", [], b"tfwrap: name the new key's file or profile, or - for standard input\n"),
    ("neither file nor profile", ["gone"], b'tfwrap: there is no file and no profile "gone" (looked in ~/.aws/'),
    ("a channel that is none", ["x", "--channel", "pigeon"], b"usage: tfwrap rotate-check"),
    ("a format that is none", ["x", "--format", "xml"], b"usage: tfwrap rotate-check"),
    ("a directory", ["."], b"tfwrap: .: is a directory"),
    ("a key in the arguments", [texts.SECRET], b"tfwrap: that is a key itself: put it into a file"),
]


@pytest.mark.parametrize(("words", "said"), [pytest.param(*row[1:], id=row[0]) for row in MISTAKES])
def test_a_mistake_in_the_command_has_a_status_of_its_own(words: list[str], said: bytes, rotation: Rotation) -> None:
    done = rotation.check(*words)
    assert (done.status, done.stdout) == (2, b"")
    assert done.stderr.startswith(said)


def test_a_file_without_a_key_is_no_mistake_in_the_command(rotation: Rotation) -> None:
    done = rotation.check(rotation.write("x.env", "A=b\n"))
    assert (done.status, done.stdout, done.stderr) == (1, b"", b"tfwrap: x.env: there is no access key id\n")


# As data


@pytest.mark.parametrize(
    "text", [texts.CONSOLE, texts.EXPORTS, texts.SHARED, texts.IAM.replace(texts.SECRET, texts.SECRET[::-1])]
)
def test_the_document_keeps_to_its_schema(text: str, rotation: Rotation) -> None:
    done = rotation.check(rotation.write("new", text), "--format", "json")
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA)
    assert (document["version"], document["ready"]) == (1, done.status == 0)


def test_the_document_says_what_the_text_says(rotation: Rotation) -> None:
    document = json.loads(rotation.check(rotation.write("k.json", texts.IAM), "--format", "json").stdout)
    assert document["candidate"] == {
        "access_key_id": "AKIA****0002", "place": "k.json:6", "form": "json", "has_token": False,
    }  # fmt: skip
    assert document["other_keys"] == [
        {
            "access_key_id": "AKIA****0001",
            "status": "Active",
            "age_days": 95,
            "is_over_limit": True,
            "used_by": "Terraform",
        }
    ]
    assert [check["name"] for check in document["checks"]] == ["shape", "sts", "account", "other-keys", "channels"]


# Secrets

AROUND = ("{}", '"{}"', "{}\r", "{}x")


@pytest.mark.parametrize("around", AROUND)
def test_no_secret_and_no_key_id_comes_out_in_any_form(around: str, rotation: Rotation) -> None:
    name = rotation.write("new", texts.ENV.replace(texts.SECRET, around.format(texts.SECRET)))
    done = [rotation.check(name, "--format", form) for form in ("text", "json")]
    told = b"".join(each.stdout + each.stderr for each in done)
    for value in (rotation.new.secret, rotation.new.secret[5:], rotation.old.secret, rotation.new.id, rotation.old.id):
        for form in (form for form in encodings.forms(value) if len(form) >= 12):
            assert form.encode() not in told


def test_swapped_parts_do_not_show_the_secret(rotation: Rotation) -> None:
    swapped = texts.ENV.replace(texts.KEY_ID, "x").replace(texts.SECRET, texts.KEY_ID).replace("=x", f"={texts.SECRET}")
    done = rotation.check(rotation.write("new.env", swapped))
    assert (done.status, b"swapped" in done.stdout) == (1, True)
    assert rotation.new.secret.encode() not in done.stdout + done.stderr


def test_aws_words_about_a_wrong_signature_do_not_show_the_token(rotation: Rotation) -> None:
    session = rotation.stand.keys.create_session()
    keys = {"AccessKeyId": session.id, "SecretAccessKey": texts.SECRET, "SessionToken": session.token}
    done = rotation.check("-", stdin=json.dumps({"Credentials": keys}))
    assert (done.status, b"SignatureDoesNotMatch" in done.stdout) == (1, True)
    assert (session.token or "")[20:60].encode() not in done.stdout + done.stderr


def test_it_is_among_the_commands(world: World) -> None:
    done = worlds.run(world, [*TFWRAP[:-1], "--help"])
    assert b"rotate-check" in done.stdout
    help_text = worlds.run(world, [*TFWRAP, "--help"]).stdout
    assert b"FILE|PROFILE" in help_text
    for channel in (b"shell", b"dotenv", b"docker", b"github", b"base64", b"git-bash"):
        assert channel in help_text
