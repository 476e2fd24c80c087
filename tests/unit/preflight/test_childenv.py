"""The child's environment is the parent's, byte for byte, but for the patch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tfwrap import childpatch
from tfwrap.preflight import childenv
from tfwrap.preflight.childenv import Change
from tfwrap.settings import intent
from tfwrap.settings.intent import Intent

if TYPE_CHECKING:
    from pathlib import Path

ODD = {
    "TF_VAR_my-var": "1",
    "BASH_FUNC_x%%": "() {  :\n}",
    "EMPTY": "",
    "BYTES": os.fsdecode(b"\xff\xfe"),
    os.fsdecode(b"\xe4"): "a name in Latin-1",
    "ä": "ö",
    "LINES": "a\nb\n",
}


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        pytest.param({"A": "1"}, [], {"A": "1"}, id="an empty patch"),
        pytest.param({}, [Change("A", "1", "")], {"A": "1"}, id="a new name"),
        pytest.param({"A": "1"}, [Change("A", "2", "")], {"A": "2"}, id="another value"),
        pytest.param({"A": "1", "B": "2"}, [Change("A", None, "")], {"B": "2"}, id="unset"),
        pytest.param({"B": "2"}, [Change("A", None, "")], {"B": "2"}, id="unset what was not set"),
        pytest.param({"A": "1"}, [Change("A", "", "")], {"A": ""}, id="empty is not unset"),
        pytest.param({"a": "1"}, [Change("A", "2", "")], {"a": "1", "A": "2"}, id="names differ by their case"),
        pytest.param({"A": "1"}, [Change("A", None, ""), Change("A", "2", "")], {"A": "2"}, id="in their order"),
        pytest.param(ODD, [Change("A", "1", "")], {**ODD, "A": "1"}, id="odd names and values stay"),
    ],
)
def test_a_patch_makes_one_environment_of_another(
    before: dict[str, str], patch: list[Change], after: dict[str, str]
) -> None:
    untouched = dict(before)
    assert childenv.apply(before, patch) == after
    assert before == untouched


def test_the_guard_alone_is_added() -> None:
    patch = childpatch.of_every_child("_TFWRAP_GUARD", "7:1:/x/terraform", "/x/terraform", ODD)
    assert childenv.apply(ODD, patch) == {**ODD, "_TFWRAP_GUARD": "7:1:/x/terraform"}
    assert all(change.why for change in patch)


@pytest.fixture
def tfenv(tmp_path: Path) -> Path:
    """A directory that holds tfenv and its `terraform`."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tfenv").write_text("#!/usr/bin/env bash\n")
    (tmp_path / "bin" / "terraform").write_text("#!/usr/bin/env bash\n")
    return tmp_path / "bin"


def test_tfenvs_helpers_are_dropped_for_tfenv(tfenv: Path) -> None:
    environ = {"TFENV_HELPERS": "1", "TFENV_ROOT": "/r"}
    patch = childpatch.of_every_child("G", "1:1:x", str(tfenv / "terraform"), environ)
    assert childenv.apply(environ, patch) == {"TFENV_ROOT": "/r", "G": "1:1:x"}


@pytest.mark.parametrize(
    ("real", "neighbour"),
    [
        pytest.param(b"#!/bin/sh\n", "tfenv-not", id="no tfenv beside it"),
        pytest.param(b"\x7fELF", "tfenv", id="a program and no script"),
        pytest.param(b"", "tfenv", id="an empty file"),
        pytest.param(None, "tfenv", id="it is gone"),
    ],
)
def test_tfenvs_helpers_stay_for_everything_else(real: bytes | None, neighbour: str, tmp_path: Path) -> None:
    folder = tmp_path / "tfenv"  # a name alone says nothing
    folder.mkdir()
    (folder / neighbour).write_text("#!/bin/sh\n")
    if real is not None:
        (folder / "terraform").write_bytes(real)
    environ = {"TFENV_HELPERS": "1"}
    patch = childpatch.of_every_child("G", "1:1:x", str(folder / "terraform"), environ)
    assert childenv.apply(environ, patch)["TFENV_HELPERS"] == "1"


def test_what_is_not_set_is_not_unset(tfenv: Path) -> None:
    assert [change.name for change in childpatch.of_every_child("G", "1:1:x", str(tfenv / "terraform"), {})] == ["G"]


def test_a_pipe_in_the_place_of_the_real_binary_is_not_waited_for(tfenv: Path) -> None:
    (tfenv / "terraform").unlink()
    os.mkfifo(tfenv / "terraform")
    assert len(childpatch.of_every_child("G", "1:1:x", str(tfenv / "terraform"), {"TFENV_HELPERS": "1"})) == 1


# The table of repairs

KEY = "AKIAMADEUPBYATEST001"
TEMPORARY = "ASIAMADEUPBYATEST002"
SECRET = "madeUp/by+the/tests/0123456789abcdefghij"
TOKEN = "IQoJmadeUpByTheTests/0123456789+abcdef=="
PAIR = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
SESSION = {"AWS_ACCESS_KEY_ID": TEMPORARY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
KEYS_OF_A_SESSION = {name: value for name, value in SESSION.items() if name != "AWS_SESSION_TOKEN"}
QUOTED = f'"{KEY}"'
DAMAGED = {**PAIR, "AWS_ACCESS_KEY_ID": QUOTED}


@pytest.mark.parametrize(
    ("environ", "changes"),
    [
        pytest.param(DAMAGED, {"AWS_ACCESS_KEY_ID": KEY}, id="a quoted key id"),
        pytest.param(
            {**PAIR, "AWS_SECRET_ACCESS_KEY": f"{SECRET}\n"}, {"AWS_SECRET_ACCESS_KEY": SECRET}, id="a line end"
        ),
        pytest.param(
            {"AWS_ACCESS_KEY": QUOTED, "AWS_SECRET_KEY": f"{SECRET}\r\n"},
            {"AWS_ACCESS_KEY": KEY, "AWS_SECRET_KEY": SECRET},
            id="the short names",
        ),
        pytest.param({**SESSION, "AWS_SESSION_TOKEN": f"{TOKEN}\n"}, {"AWS_SESSION_TOKEN": TOKEN}, id="a token"),
        pytest.param({**PAIR, "AWS_SESSION_TOKEN": TOKEN}, {"AWS_SESSION_TOKEN": None}, id="a stray token"),
        pytest.param(
            {**PAIR, "AWS_SESSION_TOKEN": f"{TOKEN}\n"}, {"AWS_SESSION_TOKEN": None}, id="a damaged stray token"
        ),
        pytest.param(
            {**DAMAGED, "AWS_SESSION_TOKEN": TOKEN},
            {"AWS_ACCESS_KEY_ID": KEY, "AWS_SESSION_TOKEN": None},
            id="a stray token beside a key id that is repaired",
        ),
        pytest.param(
            {**KEYS_OF_A_SESSION, "AWS_SECURITY_TOKEN": TOKEN}, {"AWS_SESSION_TOKEN": TOKEN}, id="the old name"
        ),
        pytest.param(
            {**KEYS_OF_A_SESSION, "AWS_SECURITY_TOKEN": f"'{TOKEN}'", "AWS_SESSION_TOKEN": ""},
            {"AWS_SESSION_TOKEN": TOKEN},
            id="the old name, damaged, beside an empty new one",
        ),
        pytest.param(
            {**DAMAGED, "AWS_ENDPOINT_URL_S3": "https://s3.eu-west-1.amazonaws.com"},
            {"AWS_ACCESS_KEY_ID": KEY},
            id="an endpoint of AWS",
        ),
        pytest.param({**DAMAGED, "AWS_ENDPOINT_URL": ""}, {"AWS_ACCESS_KEY_ID": KEY}, id="an empty endpoint"),
    ],
)
def test_what_could_never_have_worked_is_repaired(environ: dict[str, str], changes: dict[str, str | None]) -> None:
    assert {change.name: change.value for change in childenv.repairs(environ)} == changes


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="no variables at all"),
        pytest.param(PAIR, id="a key pair"),
        pytest.param(SESSION, id="a session"),
        pytest.param({**SESSION, "AWS_SECURITY_TOKEN": TOKEN}, id="a session under both names (aws-vault, saml2aws)"),
        pytest.param({**SESSION, "AWS_SESSION_TOKEN": f" {TOKEN}"}, id="a blank before a token works"),
        pytest.param({"AWS_ACCESS_KEY_ID": QUOTED}, id="half a pair"),
        pytest.param({"AWS_SECRET_ACCESS_KEY": f"{SECRET}\n"}, id="the other half"),
        pytest.param({"AWS_ACCESS_KEY_ID": KEY, "AWS_SESSION_TOKEN": TOKEN}, id="half a pair with a token"),
        pytest.param({**PAIR, "AWS_ACCESS_KEY": QUOTED}, id="a name that is passed over"),
        pytest.param({"AWS_ACCESS_KEY_ID": " ", "AWS_ACCESS_KEY": KEY, "AWS_SECRET_KEY": SECRET}, id="another key id"),
        pytest.param({**PAIR, "AWS_SECURITY_TOKEN": TOKEN}, id="Terraform does not read the old name"),
        pytest.param({**KEYS_OF_A_SESSION, "AWS_SECURITY_TOKEN": "word"}, id="no token under the old name"),
        pytest.param({**PAIR, "AWS_SESSION_TOKEN": " "}, id="a blank token is sent empty"),
        pytest.param({**PAIR, "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SESSION_TOKEN": TOKEN}, id="a token, and no key id"),
        pytest.param({"AWS_ACCESS_KEY_ID": SECRET, "AWS_SECRET_ACCESS_KEY": KEY}, id="swapped"),
        pytest.param({"AWS_PROFILE": ' "lab"', "AWS_REGION": "us-east-1\n"}, id="profiles and regions"),
        pytest.param({**DAMAGED, "AWS_ENDPOINT_URL": "http://localhost:4566"}, id="an emulator"),
        pytest.param({**DAMAGED, "AWS_ENDPOINT_URL_S3": "http://minio"}, id="an emulator of one service"),
        pytest.param({**DAMAGED, "AWS_S3_ENDPOINT": "minio:9000"}, id="by Terraform's old name"),
        pytest.param({**DAMAGED, "TF_AWS_STS_ENDPOINT": "http://localhost"}, id="by the provider's old name"),
        pytest.param({**DAMAGED, "AWS_ENDPOINT_URL": "https://amazonaws.com.evil.example"}, id="not AWS's by its end"),
        pytest.param({**DAMAGED, "AWS_ENDPOINT_URL": "https://fakeamazonaws.com"}, id="not AWS's by a dot"),
        pytest.param(
            {**PAIR, "AWS_SESSION_TOKEN": TOKEN, "AWS_ENDPOINT_URL": "http://127.0.0.1:5000"},
            id="a token for an emulator",
        ),
    ],
)
def test_everything_else_is_left_alone(environ: dict[str, str]) -> None:
    assert childenv.repairs(environ) == ()


def test_every_repair_says_its_rule_and_why_without_the_value() -> None:
    environ = {**DAMAGED, "AWS_SECRET_ACCESS_KEY": f"{SECRET}\n", "AWS_SESSION_TOKEN": TOKEN}
    told = [(change.rule, change.why) for change in childenv.repairs(environ)]
    assert told == [
        ("damaged-value", "quotes"),
        ("damaged-value", "a line break"),
        ("stray-session-token", "AWS refuses an AKIA key together with any token"),
    ]


def test_only_a_guarded_run_is_repaired() -> None:
    assert [change.name for change in childpatch.of_every_child("G", "1:1:x", "/x", DAMAGED)] == ["G"]
    assert [change.name for change in childenv.changes(DAMAGED, intent.NOTHING)] == ["AWS_ACCESS_KEY_ID"]


MEANT = Intent("lab", "~/.config/tfwrap/config.toml:1", is_configured=True)
PAIR = {
    "AWS_ACCESS_KEY_ID": "AKIAMADEUPBYATEST001",
    "AWS_SECRET_ACCESS_KEY": "made/Up+by/the+tests/0123456789012345678",
}
EVERYTHING = dict.fromkeys(
    (
        *PAIR,
        *("AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION"),
        *("AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    ),
    "x",
)
BESIDE = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_PROFILE": "other", "AWS_CONFIG_FILE": "/c", "AWS_CA_BUNDLE": "/b"}


def test_a_configured_profile_takes_the_place_of_every_credential_of_the_environment() -> None:
    made = childenv.apply({**EVERYTHING, **BESIDE}, childenv.changes({**EVERYTHING, **BESIDE}, MEANT))
    assert made == {**BESIDE, "AWS_PROFILE": "lab"}


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({**PAIR, "AWS_VAULT": "other"}, id="aws-vault, for another profile"),
        pytest.param({**PAIR, "AWSUME_PROFILE": "other"}, id="awsume, for another profile"),
        pytest.param({**PAIR, "AWS_PROFILE": "lab"}, id="a profile of that name beside keys of nobody's"),
        pytest.param({"AWS_VAULT": "lab", "AWS_ACCESS_KEY_ID": "x"}, id="half a pair"),
        pytest.param({"AWS_PROFILE": "other"}, id="another profile"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_is_not_the_configured_profile_is_replaced_by_it(environ: dict[str, str]) -> None:
    made = childenv.apply(environ, childenv.changes(environ, MEANT))
    assert made["AWS_PROFILE"] == "lab"
    assert not set(made) & set(PAIR)


@pytest.mark.parametrize(
    ("environ", "meant"),
    [
        pytest.param({**PAIR, "AWS_VAULT": "lab"}, MEANT, id="aws-vault, for that profile"),
        pytest.param({**PAIR, "AWSUME_PROFILE": "lab"}, MEANT, id="awsume, for that profile"),
        pytest.param({**PAIR, "SAML2AWS_PROFILE": "lab"}, MEANT, id="saml2aws, for that profile"),
        pytest.param({**PAIR, "AWS_PROFILE": "lab", "GRANTED_SSO": "true"}, MEANT, id="granted, for that profile"),
        pytest.param({"AWS_PROFILE": "lab"}, MEANT, id="it is set"),
        pytest.param({**PAIR, "AWS_PROFILE": "other"}, MEANT._replace(is_configured=False), id="nothing is configured"),
        pytest.param({**PAIR, "AWS_VAULT": "other"}, intent.NOTHING, id="nothing is meant"),
    ],
)
def test_what_was_made_for_the_profile_or_is_nobodys_business_stays(environ: dict[str, str], meant: Intent) -> None:
    assert childenv.changes(environ, meant) == ()


def test_each_change_says_which_profile_is_meant_and_what_says_so() -> None:
    whys = {made.why for made in childenv.changes(PAIR, MEANT)}
    assert whys == {'profile "lab" is meant (set by ~/.config/tfwrap/config.toml:1)'}


def test_the_rules_have_ids_of_their_own_and_reasons() -> None:
    assert len({rule.id for rule in childenv.RULES}) == len(childenv.RULES)
    assert all(rule.reason for rule in childenv.RULES)
