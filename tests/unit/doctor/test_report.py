"""What doctor tells of what it found: the documented data, and one screen of text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import jsonschema  # type: ignore[import-untyped]
import pytest

from tfwrap import invocation
from tfwrap.aws.config import AwsFiles
from tfwrap.aws.endpoint import Endpoint
from tfwrap.doctor import report
from tfwrap.doctor.doctor import Examined
from tfwrap.identity.identity import Answer
from tfwrap.origin import Secret
from tfwrap.output import Output
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.preflight.childenv import DAMAGED, STRAY, Change
from tfwrap.settings.settings import Settings
from tfwrap.sources.consumers import BACKEND, Consumer
from tfwrap.sources.sources import ENVIRONMENT, NONE, SAVED_BACKEND, Source
from tfwrap.terraform.configuration import Configuration
from tfwrap.which import Real

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "doctor.schema.json").read_text())
PLAIN = Output(-1, colour=False)
CANARY = "canary/made+up/secret/value/abcdefghijkl"
KEY = "AKIAQQQQQQQQQQQQ0001"
SAVED = Source(
    SAVED_BACKEND,
    ".terraform/terraform.tfstate",
    KEY,
    Secret(CANARY),
    passed_over=('key AKIA****0002 of profile "lab" (~/.aws/credentials)',),
)
OF_PROVIDER = Source(
    ENVIRONMENT, "AWS_ACCESS_KEY_ID", KEY, Secret(CANARY), roles=("arn:aws:iam::222222222222:role/deploy",)
)
NOTHING = Source(NONE, "AWS_PROFILE", profile="lab", detail="no such profile")
REJECTED = Answer("rejected", code="InvalidClientTokenId", message="The security token is invalid.")
ACCEPTED = Answer("ok", account="111111111111", arn="arn:aws:iam::111111111111:user/deployer")
STALE = Finding("TFW302", "stale-saved-backend", ERROR, "the saved key is gone", ("saved: AKIA****0001",), ("init",))
STRAY_TOKEN = Finding("TFW104", "stray-session-token", WARNING, "a token beside an AKIA key")
NOTE = Finding("TFW107", "special-characters", INFO, "a secret with a +")
CHANGES = (
    Change("AWS_SECRET_ACCESS_KEY", CANARY, "a line break", DAMAGED),
    Change("AWS_SESSION_TOKEN", None, "AWS refuses it", STRAY),
    Change("AWS_PROFILE", "lab", "it is meant", "intended-profile"),
)


def consumer(name: str, source: Source) -> Consumer:
    return Consumer(name, "main.tf:2", {}, source, (1, 11), "us-east-1", Endpoint("us-east-1"))


def examined(*found: Finding, settings: Settings | None = None, **more: Any) -> Examined:
    typed = invocation.read("terraform", ["plan"], {}, "/w/net")
    known: dict[str, Any] = {"configuration": Configuration(), "saved": None, "files": cast(AwsFiles, None)} | more
    facts = Facts(invocation=typed, backend_source=None, fresh_source=None, **known)
    return Examined(Real("/bin/terraform", ""), "1.11", facts, found, settings or Settings())


FULL = examined(
    STALE,
    STRAY_TOKEN,
    NOTE,
    settings=Settings(ignored=("TFW104",)),
    consumers=(
        consumer(BACKEND, SAVED),
        consumer("provider.aws", OF_PROVIDER),
        consumer("provider.aws.east", NOTHING),
    ),
    answers={BACKEND: REJECTED, "provider.aws": ACCEPTED},
    changes=CHANGES,
)


def check(document: object) -> None:
    jsonschema.validate(document, SCHEMA)


def test_the_document_is_the_documented_one() -> None:
    document = report.document(FULL)
    check(json.loads(json.dumps(document)))
    assert document["terraform"] == {"path": "/bin/terraform", "version": "1.11"}
    assert document["workdir"] == "/w/net"
    assert document["consumers"] == [
        {
            "name": "backend.s3",
            "source": {
                "kind": "saved-backend",
                "profile": None,
                "access_key_id": "AKIA****0001",
                "location": ".terraform/terraform.tfstate",
                "detail": None,
                "roles": [],
                "passed_over": ['key AKIA****0002 of profile "lab" (~/.aws/credentials)'],
            },
            "identity": {
                "status": "rejected",
                "account": None,
                "arn": None,
                "error": "InvalidClientTokenId: The security token is invalid.",
            },
        },
        {
            "name": "provider.aws",
            "source": {
                "kind": "environment",
                "profile": None,
                "access_key_id": "AKIA****0001",
                "location": "AWS_ACCESS_KEY_ID",
                "detail": None,
                "roles": ["arn:aws:iam::222222222222:role/deploy"],
                "passed_over": [],
            },
            "identity": {
                "status": "ok",
                "account": "111111111111",
                "arn": "arn:aws:iam::111111111111:user/deployer",
                "error": None,
            },
        },
        {
            "name": "provider.aws.east",
            "source": {
                "kind": "none",
                "profile": "lab",
                "access_key_id": None,
                "location": "AWS_PROFILE",
                "detail": "no such profile",
                "roles": [],
                "passed_over": [],
            },
            "identity": {"status": "unchecked", "account": None, "arn": None, "error": "STS was not asked"},
        },
    ]
    assert document["findings"][0] == {  # type: ignore[index]
        "id": "TFW302",
        "slug": "stale-saved-backend",
        "severity": "error",
        "title": "the saved key is gone",
        "evidence": ["saved: AKIA****0001"],
        "fix": ["init"],
        "ignored": False,
    }
    assert [found["ignored"] for found in document["findings"]] == [False, True, False]  # type: ignore[attr-defined]
    assert document["environment"] == {
        "changes": [
            {"variable": "AWS_SECRET_ACCESS_KEY", "action": "repaired", "reason": "a line break"},
            {"variable": "AWS_SESSION_TOKEN", "action": "unset", "reason": "AWS refuses it"},
            {"variable": "AWS_PROFILE", "action": "set", "reason": "it is meant"},
        ]
    }


def test_a_member_that_is_not_documented_is_noticed() -> None:
    with pytest.raises(jsonschema.ValidationError):
        check({**report.document(FULL), "more": 1})


def test_every_kind_of_source_is_documented() -> None:
    from tfwrap.sources import sources

    kinds = set(SCHEMA["$defs"]["consumer"]["properties"]["source"]["properties"]["kind"]["enum"])
    names = ("SAVED_BACKEND", "BLOCK", "ENVIRONMENT", "PROFILE", "WEB_IDENTITY", "CONTAINER", "IMDS", "NONE")
    assert kinds == {*(getattr(sources, name) for name in names), sources.UNDECIDED}


def test_what_could_not_be_looked_at_is_documented_too() -> None:
    check([report.failure("/w", "why"), report.document(FULL)])


def test_an_unknown_version_is_null() -> None:
    document = report.document(FULL._replace(version=""))
    check(json.loads(json.dumps(document)))
    assert document["terraform"] == {"path": "/bin/terraform", "version": None}


def test_the_screen_tells_it_in_order() -> None:
    assert list(report.lines(FULL, PLAIN)) == [
        "terraform 1.11 (/bin/terraform)",
        "in /w/net",
        "",
        "Credentials",
        "  backend.s3: key AKIA****0001 (.terraform/terraform.tfstate)",
        "    STS answers InvalidClientTokenId: The security token is invalid.",
        '    passes over key AKIA****0002 of profile "lab" (~/.aws/credentials)',
        "  provider.aws: key AKIA****0001 (AWS_ACCESS_KEY_ID)",
        "    then assumes arn:aws:iam::222222222222:role/deploy",
        "    STS accepts it (account 111111111111, arn:aws:iam::111111111111:user/deployer)",
        '  provider.aws.east: no credentials (profile "lab", AWS_PROFILE, no such profile)',
        "    not checked: STS was not asked",
        "",
        "Findings",
        "  error TFW302 stale-saved-backend: the saved key is gone",
        "    saved: AKIA****0001",
        "    fix: init",
        "  TFW104 stray-session-token (ignored by a setting): a token beside an AKIA key",
        "  info TFW107 special-characters: a secret with a +",
        "",
        "Changed for Terraform",
        "  ~ AWS_SECRET_ACCESS_KEY  a line break",
        "  - AWS_SESSION_TOKEN      AWS refuses it",
        "  + AWS_PROFILE            it is meant",
        "",
        "1 error. What one means: tfwrap --explain TFW302",
    ]


def test_no_secret_is_on_the_screen_or_in_the_data() -> None:
    assert CANARY not in "\n".join(report.lines(FULL, Output(-1, colour=True)))
    assert CANARY not in json.dumps(report.document(FULL))


def test_where_all_is_well_it_is_said() -> None:
    assert list(report.lines(examined(), PLAIN))[-1] == "nothing is wrong"
    assert list(report.lines(examined(NOTE), PLAIN))[-1] == "no error, no warning"


def test_what_was_not_understood_is_not_well() -> None:
    broken = examined(configuration=Configuration(problems=("/w/net/main.tf: does not parse as HCL",)))
    shown = list(report.lines(broken, PLAIN))
    assert "  /w/net/main.tf: does not parse as HCL" in shown
    assert "nothing is wrong" not in shown
    assert report.row(broken) == "not understood: /w/net/main.tf: does not parse as HCL"
    assert report.document(broken)["problems"] == ["/w/net/main.tf: does not parse as HCL"]


@pytest.mark.parametrize(
    ("found", "row"),
    [
        ((), "ok"),
        ((NOTE,), "ok"),
        ((STALE, STRAY_TOKEN, NOTE), "1 error, 1 warning: TFW302 stale-saved-backend: the saved key is gone"),
        ((STRAY_TOKEN,) * 2, "2 warnings: TFW104 stray-session-token: a token beside an AKIA key"),
    ],
)
def test_a_row_counts_and_names_the_gravest(found: tuple[Finding, ...], row: str) -> None:
    assert report.row(examined(*found)) == row


# The exit status


STATUSES = [
    pytest.param((), Settings(), 0, id="nothing"),
    pytest.param((NOTE,), Settings(), 0, id="an info"),
    pytest.param((STRAY_TOKEN,), Settings(), 1, id="a warning"),
    pytest.param((STALE,), Settings(), 1, id="an error"),
    pytest.param((STRAY_TOKEN,), Settings(threshold="error"), 0, id="a warning below the threshold"),
    pytest.param((STALE,), Settings(threshold="error"), 1, id="an error at the threshold"),
    pytest.param((STRAY_TOKEN,), Settings(ignored=("TFW104",)), 0, id="an ignored one"),
    pytest.param((STRAY_TOKEN, STALE), Settings(ignored=("TFW104",)), 1, id="an ignored one and another"),
    pytest.param((), Settings(mistakes=("TFWRAP_STRCT is no setting",)), 1, id="a setting that was not understood"),
    pytest.param(
        (Finding("TFW404", "account-mismatch", ERROR, "another"),),
        Settings(ignored=("TFW404",)),
        1,
        id="a pin, which nothing silences",
    ),
]


@pytest.mark.parametrize(("found", "settings", "status"), STATUSES)
def test_the_exit_status_follows_the_threshold(found: tuple[Finding, ...], settings: Settings, status: int) -> None:
    assert examined(*found, settings=settings).status == status
