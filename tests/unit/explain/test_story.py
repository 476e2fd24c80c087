from __future__ import annotations

import re

import pytest

from tfwrap.diagnosis.diagnosis import Diagnosis, Remedy
from tfwrap.explain import incident, story
from tfwrap.failure.failure import Failure
from tfwrap.output import Output

PLAIN = Output(-1, colour=False)


def made(**changes: object) -> incident.Incident:
    remedy = Remedy("reconfigure", "terraform init -reconfigure", "saves it anew", allowed=True)
    found = Diagnosis("stale-saved-backend", "an old key", "certain", ("first", "second"), ("looked",), (remedy,))
    what = Failure("backend", "InvalidClientTokenId", "Error: no")
    command = ["terraform", "plan"]
    return incident.make("20261123-1", "2026-11-23 07:00:00 UTC", command, "/w", 1, what, found, "a\nb")._replace(
        **changes  # type: ignore[arg-type]
    )


STORY = """terraform plan
  exit status 1, 2026-11-23 07:00:00 UTC, in /w

What failed
  InvalidClientTokenId, at the backend: no

Why
  stale-saved-backend (certain): an old key
  - first
  - second

Fix
  terraform init -reconfigure
      saves it anew

Checked, and not the cause
  looked

What tfwrap did
  nothing but tell you

More: tfwrap --explain stale-saved-backend   (incident 20261123-1)"""


def test_a_story_tells_what_failed_why_the_fix_and_what_was_done() -> None:
    assert story.tell(made(), PLAIN, with_tail=False) == STORY


def test_the_end_of_the_output_is_there_when_asked_for() -> None:
    told = story.tell(made(), PLAIN, with_tail=True)
    assert told == f"{STORY}\n\nThe end of what Terraform wrote (redacted)\n  a\n  b"


def test_what_is_empty_has_no_heading() -> None:
    told = story.tell(made(checked=[], tail=""), PLAIN, with_tail=True)
    assert "Checked, and not" not in told
    assert "The end of what" not in told


def test_what_was_done_and_what_was_not_is_told() -> None:
    remedy = {"kind": "reconfigure", "command": "c", "does": "d", "why_not": "a plan file", "allowed": False}
    told = story.tell(made(actions=["ran it"], remedies=[remedy]), PLAIN, with_tail=False)
    assert "What tfwrap did\n  ran it\n  not retried: a plan file\n" in told


def test_colour_changes_no_word() -> None:
    told = story.tell(made(), Output(-1, colour=True), with_tail=False)
    assert re.sub(r"\x1b\[\d*m", "", told) == STORY


def test_what_fits_as_well_and_which_conditions_did_not_hold_is_told() -> None:
    also = [{"slug": "unknown-access-key", "confidence": "likely", "title": "gone", "evidence": [], "remedies": []}]
    conditions = [
        {"name": "no plan file was given", "held": False, "why_not": "a plan file was given"},
        {"name": "no lock is left", "held": True, "why_not": ""},
    ]
    told = story.tell(made(also=also, conditions=conditions), PLAIN, with_tail=False)
    assert "It would fit as well\n  unknown-access-key (likely): gone\n" in told
    assert "What tfwrap did\n  nothing (not retried: a plan file was given)\n" in told
    assert "  conditions for a retry that held: no lock is left\n" in told


def test_a_remedy_without_a_command_says_what_to_do() -> None:
    remedy = {"kind": "instruct", "command": [], "does": "wait", "why_not": "", "allowed": False}
    assert "Fix\n  wait\n" in story.tell(made(remedies=[remedy]), PLAIN, with_tail=False)


def test_a_command_of_words_is_shown_as_a_shell_reads_it() -> None:
    remedy = {"kind": "instruct", "command": ["aws", "--profile", "a b"], "does": "d", "why_not": "", "allowed": False}
    assert "Fix\n  aws --profile 'a b'\n" in story.tell(made(remedies=[remedy]), PLAIN, with_tail=False)


def test_steps_are_numbered() -> None:
    steps = [
        {"kind": "instruct", "command": ["a"], "does": "first", "why_not": "", "allowed": False, "step": 1},
        {"kind": "instruct", "command": [], "does": "second", "why_not": "", "allowed": False, "step": 2},
    ]
    assert "Fix\n  1. a\n      first\n  2. second\n" in story.tell(made(remedies=steps), PLAIN, with_tail=False)


def test_sentences_are_wrapped_and_commands_are_not() -> None:
    long = "word " * 40
    remedy = {"kind": "instruct", "command": ["echo", *long.split()], "does": long, "why_not": "", "allowed": False}
    told = story.tell(made(evidence=[long], checked=[long], remedies=[remedy]), PLAIN, width=80, with_tail=False)
    command = f"  echo {long.strip()}"
    assert [line for line in told.splitlines() if len(line) > 80] == [command]


NOISE = [
    ("a plain one", "Error: failed to get shared config profile, x", "failed to get shared config profile, x"),
    (
        "request ids",
        (
            "Error: operation error S3: HeadObject, https response error StatusCode: 403, RequestID: a-b, HostID: c, "
            "api error Forbidden: Forbidden"
        ),
        "operation error S3: HeadObject, api error Forbidden: Forbidden",
    ),
    (
        "request ids of old",
        "Error: error calling sts:GetCallerIdentity: ExpiredToken: over status code: 403, request id: a-b",
        "error calling sts:GetCallerIdentity: ExpiredToken: over",
    ),
    (
        "advice",
        (
            "Error: No valid credential sources found Please see https://developer.hashicorp.com/x for more "
            "information about providing credentials. Error: no EC2 IMDS role found"
        ),
        "No valid credential sources found Error: no EC2 IMDS role found",
    ),
    (
        "possible causes, all of them",
        (
            "Error: Cannot assume IAM Role There are a number of possible causes of this - the most common are: * The "
            "role ARN is not valid Error: operation error STS: AssumeRole"
        ),
        "Cannot assume IAM Role Error: operation error STS: AssumeRole",
    ),
]


@pytest.mark.parametrize(("message", "shown"), [pytest.param(*row[1:], id=row[0]) for row in NOISE])
def test_of_terraforms_message_stays_what_helps(message: str, shown: str) -> None:
    assert story.brief(message) == shown


@pytest.mark.parametrize("text", ["x, " * 200_000, "Please see " * 100_000, "There are a number of possible " * 40_000])
def test_a_long_message_takes_a_moment(text: str) -> None:
    import time

    began = time.process_time()
    story.brief(text)
    assert time.process_time() - began < 2


def test_a_message_that_is_long_ends_with_dots() -> None:
    told = story.tell(made(message=f"Error: {'word ' * 200}"), PLAIN, with_tail=False)
    failed = told.partition("What failed\n")[2].partition("\n\n")[0].splitlines()
    assert len(failed) == 4
    assert failed[-1].endswith("word ...")
