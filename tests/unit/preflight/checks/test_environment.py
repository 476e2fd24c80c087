"""TFW102 to TFW111: what is wrong with the AWS variables, and silence where nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from tfwrap import invocation
from tfwrap.aws.config import AwsFiles, Profile
from tfwrap.preflight import childenv, findings
from tfwrap.preflight.checks import environment, keys
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.settings import intent
from tfwrap.sources import sources
from tfwrap.sources.sources import Source
from tfwrap.terraform.block import Block
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.saved_backend import SavedBackend
from tfwrap.terraform.values import UNKNOWN

KEY = "AKIAMADEUPBYATEST001"
TEMPORARY = "ASIAMADEUPBYATEST002"
SECRET = "canaryXbyXtheXtestsX0123456789abcdefghij"
TOKEN = "IQoJcanaryByTheTests/0123456789+abcdef=="
DOCUMENTED_ID = "AKIAMADEUP00" + "EXAMPLE"
PAIR = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
BARE = {"AWS_ACCESS_KEY_ID": TEMPORARY, "AWS_SECRET_ACCESS_KEY": SECRET}
SESSION = {**BARE, "AWS_SESSION_TOKEN": TOKEN}
EMULATOR = {"AWS_ENDPOINT_URL": "http://localhost:4566"}
WORDS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
SWAPPED = {"AWS_ACCESS_KEY_ID": SECRET, "AWS_SECRET_ACCESS_KEY": KEY}
OIDC = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/run/token", "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/ci", "CI": "true"}


def facts(environ: dict[str, str], **more: Any) -> Facts:
    typed = invocation.read("terraform", ["plan"], {}, "/w")
    known = Facts(typed, Configuration(), None, AwsFiles("", "", {}), None, None)
    return known._replace(environ=environ, changes=childenv.repairs(environ))._replace(**more)


def check(known: Facts) -> list[Finding]:
    """What both modules of the family say about the variables themselves."""
    return [*environment.check(known), *keys.check(known)]


def id_(value: str) -> dict[str, str]:
    return {**PAIR, "AWS_ACCESS_KEY_ID": value}


def secret(value: str) -> dict[str, str]:
    return {**PAIR, "AWS_SECRET_ACCESS_KEY": value}


def provider(**endpoints: object) -> Configuration:
    return Configuration(providers=(Block(("aws",), {"endpoints": endpoints}, "main.tf:1"),))


def backend(**arguments: object) -> Configuration:
    return Configuration(Block(("s3",), arguments, "main.tf:1"))


ELSEWHERE = SavedBackend("/f", "f", "s3", {"endpoints": {"s3": "http://minio:9000", "iam": None}}, "1.11.4")
AT_AWS = SavedBackend("/f", "f", "s3", {"endpoint": None, "endpoints": {"s3": None}}, "1.11.4")
OTHER_SOURCE = Source(sources.PROFILE, "~/.aws/credentials", KEY)
OWN_SERVICES = AwsFiles("", "", {"default": Profile("default", {"endpoint_url": "http://localhost:4566"}, {})})
EMPTY: dict[str, str] = {}

# what is known; the findings; a part of the first title
FIRES: dict[str, list[Any]] = {
    "TFW102": [
        pytest.param(facts({"AWS_ACCESS_KEY_ID": KEY}), WARNING, "without its secret key", id="no secret"),
        pytest.param(facts({"AWS_SECRET_ACCESS_KEY": SECRET}), WARNING, "without its key id", id="no key id"),
        pytest.param(facts({"AWS_ACCESS_KEY": KEY}), WARNING, "AWS_ACCESS_KEY is set", id="the short name"),
        pytest.param(facts({**PAIR, "AWS_SECRET_ACCESS_KEY": ""}), WARNING, "without its secret key", id="empty"),
    ],
    "TFW103": [
        pytest.param(facts(BARE), ERROR, "the temporary key ASIA****T002", id="no token"),
        pytest.param(facts({**BARE, "AWS_SESSION_TOKEN": ""}), ERROR, "AWS_SESSION_TOKEN is not set", id="empty token"),
        pytest.param(facts(BARE, backend_source=OTHER_SOURCE), WARNING, "ASIA****T002", id="the backend has others"),
        pytest.param(
            facts({**BARE, "AWS_ACCESS_KEY_ID": ""} | {"AWS_ACCESS_KEY": TEMPORARY}),
            ERROR,
            "AWS_ACCESS_KEY is the temporary key",
            id="the short name",
        ),
    ],
    "TFW104": [
        pytest.param(facts({**PAIR, "AWS_SESSION_TOKEN": TOKEN}), WARNING, "gets no AWS_SESSION_TOKEN", id="left over"),
        pytest.param(facts({**PAIR, "AWS_SESSION_TOKEN": "word"}), WARNING, "AKIA key together", id="any token"),
    ],
    "TFW105": [
        pytest.param(
            facts({**BARE, "AWS_SECURITY_TOKEN": TOKEN}), WARNING, "gets AWS_SECURITY_TOKEN as", id="promoted"
        ),
        pytest.param(facts({**SESSION, "AWS_SECURITY_TOKEN": f"{TOKEN}x"}), WARNING, "differs from", id="two tokens"),
        pytest.param(facts({**PAIR, "AWS_SECURITY_TOKEN": TOKEN}), INFO, "does not read it", id="beside a key"),
        pytest.param(facts({"AWS_SECURITY_TOKEN": TOKEN}), INFO, "does not read it", id="alone"),
    ],
    "TFW106": [
        pytest.param(
            facts(secret(f"{SECRET}\n")), WARNING, "damaged by a line break; Terraform gets it", id="line end"
        ),
        pytest.param(facts(id_(f'"{KEY}"')), WARNING, "AWS_ACCESS_KEY_ID is damaged by quotes", id="quotes"),
        pytest.param(
            facts({**SESSION, "AWS_SESSION_TOKEN": f"{TOKEN}\r\n"}),
            WARNING,
            "AWS_SESSION_TOKEN is damaged",
            id="a token",
        ),
        pytest.param(facts(secret(f"{SECRET[1:]}\n")), WARNING, "it stays as it is", id="damaged and too short"),
        pytest.param(facts(id_(f"\ufeff{KEY.lower()}")), WARNING, "a byte order mark, and", id="damaged and small"),
        pytest.param(
            facts(id_(f'"{KEY}"'), configuration=provider(sts="http://localhost")),
            WARNING,
            "gets it",
            id="what is done",
        ),
    ],
    "TFW107": [
        pytest.param(facts(secret("+/" * 20)), INFO, "as most secret keys have", id="of nothing else"),
        pytest.param(facts(secret(f"{SECRET[1:]}+")), INFO, "a + or a /", id="a plus"),
        pytest.param(facts(secret(f"{SECRET[1:]}/")), INFO, "no reason to make a new one", id="a slash"),
        pytest.param(facts({**SESSION, "AWS_SECRET_ACCESS_KEY": f"/{SECRET[1:]}"}), INFO, "as most", id="of a session"),
    ],
    "TFW108": [
        pytest.param(
            facts({"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}), WARNING, "Terraform takes the first", id="differ"
        ),
        pytest.param(
            facts({"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "A", **OIDC}), WARNING, "the first", id="by their case"
        ),
    ],
    "TFW109": [
        pytest.param(facts(WORDS), WARNING, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold placeholders", id="test"),
        pytest.param(facts(id_(DOCUMENTED_ID)), WARNING, "AWS_ACCESS_KEY_ID holds a placeholder", id="from the manual"),
        pytest.param(
            facts(secret(f"{SECRET[:30]}EXAMPLEKEY")), WARNING, "AWS_SECRET_ACCESS_KEY holds", id="its secret"
        ),
        pytest.param(facts(id_("<your key>")), WARNING, "AWS_ACCESS_KEY_ID holds", id="angle brackets"),
        pytest.param(facts(id_('"${KEY}"')), WARNING, "AWS_ACCESS_KEY_ID holds", id="a template in quotes"),
        pytest.param(
            facts({**SESSION, "AWS_SESSION_TOKEN": "<token>"}), WARNING, "AWS_SESSION_TOKEN holds", id="a token"
        ),
        pytest.param(facts(WORDS, saved=AT_AWS), WARNING, "hold placeholders", id="no endpoint is saved"),
    ],
    "TFW110": [
        pytest.param(facts(id_(KEY.lower())), WARNING, "has small letters", id="small letters"),
        pytest.param(facts(id_("1234")), WARNING, "does not look like a key id", id="something else"),
        pytest.param(facts(id_(SECRET)), WARNING, "looks like a secret key", id="a secret twice"),
        pytest.param(facts(secret(SECRET[:-1])), WARNING, "is of 39 characters", id="one too few"),
        pytest.param(
            facts(secret(f"{SECRET[:-1]}!")), WARNING, "with a character that no secret key has", id="an odd one"
        ),
    ],
    "TFW111": [
        pytest.param(facts(SWAPPED), ERROR, "they are swapped", id="swapped"),
        pytest.param(facts({**SWAPPED, "AWS_ACCESS_KEY_ID": f"{SECRET}\n"}), ERROR, "swapped", id="and damaged"),
    ],
}
# None of them is about one id: where all is well nothing at all is said.
SILENT: list[Any] = [
    pytest.param(facts(EMPTY), id="no AWS variables at all"),
    pytest.param(facts(PAIR), id="a key pair"),
    pytest.param(facts({"AWS_ACCESS_KEY": KEY, "AWS_SECRET_KEY": SECRET}), id="under the short names"),
    pytest.param(facts({"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_KEY": SECRET}), id="one of each"),
    pytest.param(facts({**PAIR, "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}), id="regions"),
    pytest.param(facts({**SESSION, "AWS_VAULT": "lab", "AWS_CREDENTIAL_EXPIRATION": "2026-11-23"}), id="aws-vault"),
    pytest.param(facts({**SESSION, "GRANTED_SSO": "true", "AWS_PROFILE": "lab"}), id="granted"),
    pytest.param(facts({**SESSION, "AWS_SECURITY_TOKEN": TOKEN}), id="saml2aws, awsume"),
    pytest.param(facts(OIDC), id="OIDC in CI"),
    pytest.param(facts({**SESSION, **OIDC}), id="a CI action that has assumed the role"),
    pytest.param(facts({"AWS_PROFILE": "lab"}), id="a profile"),
    pytest.param(facts({"AWS_DEFAULT_PROFILE": "lab"}), id="the other name of it"),
    pytest.param(facts({"AWS_PROFILE": "lab", "AWS_DEFAULT_PROFILE": "lab"}), id="the same profile twice"),
    pytest.param(facts({"AWS_PROFILE": "lab", "AWS_DEFAULT_PROFILE": ""}), id="one of them empty"),
    pytest.param(facts({**PAIR, "AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}), id="keys go before profiles"),
    pytest.param(
        facts({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}), id="all empty"
    ),
    pytest.param(facts({"AWS_SESSION_TOKEN": TOKEN}), id="a token alone is read by nobody"),
    pytest.param(facts({**SESSION, "AWS_SESSION_TOKEN": f"{TOKEN} "}), id="a blank behind a token works"),
    pytest.param(facts({**secret("+/" * 20), **EMULATOR}), id="special characters for an emulator"),
    pytest.param(facts({"AWS_SECRET_ACCESS_KEY": ""}), id="no secret to have any"),
    pytest.param(facts(id_(f"ABIA{KEY[4:]}")), id="another kind of key"),
    pytest.param(facts(id_(f"{KEY}LONGER")), id="a key id longer than today's"),
    pytest.param(facts({"TEST_AWS_ACCESS_KEY_ID": "test"}), id="another variable"),
    pytest.param(facts({**WORDS, **EMULATOR}), id="an emulator"),
    pytest.param(facts({**id_(f'"{KEY}"'), **EMULATOR}), id="quotes for an emulator"),
    pytest.param(facts({**BARE, **EMULATOR}), id="no token for an emulator"),
    pytest.param(facts({**SWAPPED, **EMULATOR}), id="swapped for an emulator"),
    pytest.param(facts({**PAIR, "AWS_SESSION_TOKEN": "test", **EMULATOR}), id="a token for an emulator"),
    pytest.param(facts(WORDS, configuration=provider(sts="http://localhost")), id="an emulator in a provider block"),
    pytest.param(facts(WORDS, configuration=provider(sts=UNKNOWN)), id="an endpoint that only Terraform knows"),
    pytest.param(facts(WORDS, configuration=backend(endpoint="https://nyc3.example")), id="another store's backend"),
    pytest.param(
        facts(secret("0" * 64), configuration=backend(endpoints={"s3": "https://r2"})), id="its longer secret"
    ),
    pytest.param(facts(WORDS, configuration=backend(sts_endpoint="http://x")), id="an old name of an endpoint"),
    pytest.param(facts(WORDS, saved=ELSEWHERE), id="an endpoint that was saved"),
    pytest.param(facts(WORDS, files=OWN_SERVICES), id="an endpoint in ~/.aws/config"),
]
CASES = [
    pytest.param(identifier, *case.values, id=f"{identifier} {case.id}")
    for identifier, cases in FIRES.items()
    for case in cases
]


@pytest.mark.parametrize(("identifier", "known", "severity", "words"), CASES)
def test_it_fires_and_nothing_else_does(identifier: str, known: Facts, severity: str, words: str) -> None:
    (found,) = check(known)
    assert (found.id, found.severity) == (identifier, severity)
    assert words in found.title
    assert found.fix


@pytest.mark.parametrize("known", SILENT)
def test_where_all_is_well_nothing_is_said(known: Facts) -> None:
    assert check(known) == []
    assert known.changes == ()


def test_what_is_changed_for_the_profile_that_is_meant_is_no_damage() -> None:
    meant = intent.Intent("lab", "TFWRAP_PROFILE", is_configured=True)
    changes = childenv.changes(SESSION, meant)
    assert [change.name for change in changes] == [*SESSION, "AWS_PROFILE"]
    assert check(facts(SESSION, changes=changes)) == []


def test_there_are_more_cases_of_silence_than_of_any_finding() -> None:
    assert all(len(cases) <= len(SILENT) for cases in FIRES.values())


@pytest.mark.parametrize(("identifier", "known", "severity", "words"), CASES)
def test_no_value_is_in_a_finding(identifier: str, known: Facts, severity: str, words: str) -> None:
    for found in check(known):
        assert "canary" not in repr(found)
        assert KEY not in repr(found)
        assert TEMPORARY not in repr(found)
        assert "\n" not in found.title + "".join(found.evidence + found.fix)
        assert len(found.title) < 160


def test_several_things_can_be_wrong_at_once() -> None:
    environ = {**id_(f"{KEY}\n"), "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": TOKEN}
    assert [found.id for found in check(facts(environ))] == ["TFW106", "TFW104", "TFW109"]


def test_a_profile_name_with_odd_characters_is_shown_as_text() -> None:
    (found,) = check(facts({"AWS_PROFILE": "a\x1b[31m", "AWS_DEFAULT_PROFILE": "b"}))
    assert "\x1b" not in found.evidence[0]


def test_special_characters_are_never_a_reason_to_rotate_and_are_not_said_before_a_run() -> None:
    (found,) = check(facts(secret("+/" * 20)))
    assert "SignatureDoesNotMatch" in found.evidence[0]
    assert not any(word in " ".join(found.fix) for word in ("rotate", "create-access-key", "new key"))
    assert findings.grave([found]) == ()


def test_the_share_of_secrets_with_a_special_character_is_the_one_that_the_page_gives() -> None:
    assert round(1 - (62 / 64) ** 40, 2) == 0.72


def test_the_catalogue_knows_the_family() -> None:
    assert [found.id for found in findings.collect(facts(WORDS))] == ["TFW109"]
