from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import tfwrap
from tfwrap.diagnosis.causes import slugs
from tfwrap.errors import BadInput
from tfwrap.explain import explain
from tfwrap.failure import catalogue, codes

PACKAGE = Path(tfwrap.__path__[0])
PAGES = explain.page_names()
BASH = shutil.which("bash") or ""

# Every id and slug, read from the source: what a check or a cause can say must have its page.
_FINDING = re.compile(r'Finding\(\s*"(TFW\d{3})",\s*"([a-z-]+)"')
FINDINGS = sorted(
    {found for path in PACKAGE.rglob("*.py") for found in _FINDING.findall(path.read_text(encoding="utf-8"))}
)
CAUSES = slugs.EVERY
CODES = {
    *(*codes.CREDENTIAL_CODES, *codes.REFUSAL_CODES, *codes.HIDDEN_CODES),
    *(row.code for row in catalogue.ROWS),
    "AuthorizationHeaderMalformed",
}


def test_there_are_findings_and_causes_to_look_up() -> None:
    assert ("TFW301", "saved-backend-credentials") in FINDINGS
    assert {"stale-saved-backend", "unknown"} <= set(CAUSES)


@pytest.mark.parametrize(("identifier", "slug"), FINDINGS)
def test_every_finding_has_a_page_that_its_id_and_its_slug_open(identifier: str, slug: str) -> None:
    text = explain.page(identifier)
    assert text.startswith(f"# {identifier} {slug}\n")
    assert explain.page(slug) == explain.page(identifier.lower()) == explain.page(slug.upper()) == text


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_a_page(cause: str) -> None:
    """A cause that preflight can find as well has one page with the finding: its title begins with the id."""
    title = explain.page(cause).partition("\n")[0]
    assert title.split()[-1] == cause


def test_an_id_stands_for_one_finding_and_a_slug_too() -> None:
    assert len({identifier for identifier, _ in FINDINGS}) == len({slug for _, slug in FINDINGS}) == len(FINDINGS)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_of_something_that_can_be_said(name: str) -> None:
    assert name in {*CAUSES, *CODES, *(identifier for identifier, _ in FINDINGS)}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_in_one_line_what_it_means_and_where_that_comes_from(name: str) -> None:
    lines = explain.page(name).split("\n")
    assert re.fullmatch(rf"# {name}( [a-z-]+)?", lines[0])
    assert lines[1] == ""
    assert lines[2].endswith(".")
    headings = [line for line in lines if line.startswith("## ")]
    assert headings[0] == "## What it means"
    assert headings[-1] == "## Source"
    if name.startswith("TFW"):
        assert headings[1:-1] == ["## How it is detected", "## How to fix it"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_terminal_and_ends_with_a_line_end(name: str) -> None:
    text = explain.page(name)
    assert max(map(len, text.split("\n"))) <= 120
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert text.count("```") % 2 == 0


def blocks(name: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", explain.page(name), re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(not BASH, reason="no bash here")
@pytest.mark.parametrize("name", [name for name in PAGES if blocks(name)])
def test_what_a_page_says_to_type_is_shell(name: str) -> None:
    for block in blocks(name):
        done = subprocess.run([BASH, "-n"], input=block.encode(), capture_output=True, timeout=20)
        assert (done.returncode, done.stderr) == (0, b""), block


@pytest.mark.parametrize("name", PAGES)
def test_pages_lead_only_to_pages_that_are_there(name: str) -> None:
    for other in re.findall(r"tfwrap --explain ([A-Za-z][\w-]*)", explain.page(name)):
        assert explain.page(other)


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        pytest.param("TFW301x", "TFW301", id="a letter too many"),
        pytest.param("InvalidClientToken", "InvalidClientTokenId", id="two letters less"),
        pytest.param("unknow", "unknown", id="a letter less"),
        pytest.param("zzz", "TFW900", id="nothing alike names them all"),
        pytest.param("", "TFW900", id="nothing at all"),
        pytest.param("backend-credentials", "no-credentials", id="the end of a slug is no slug"),
        pytest.param("../pages/unknown", "unknown", id="a path"),
        pytest.param("unknown.md", "unknown", id="a file name"),
        pytest.param("*", "TFW301", id="a pattern"),
    ],
)
def test_a_page_that_is_not_there_is_said_with_close_ones(name: str, suggested: str) -> None:
    with pytest.raises(BadInput, match="there is no page for") as caught:
        explain.page(name)
    assert suggested in str(caught.value).partition("try one of")[2]


def test_every_code_that_is_recognised_opens_a_page() -> None:
    """AWS's codes have pages of their own; one of tfwrap's opens that of its cause."""
    for code in filter(None, CODES):
        assert explain.page(code).startswith(f"# {code}\n") or code in explain.OWN_CODES
    own = {explain.page(code) for code in explain.OWN_CODES}
    assert {explain.page(slug) for slug in ("no-credentials", "state-left-behind", "sso-login-required")} <= own


def test_tfwraps_own_codes_are_those_of_the_catalogue() -> None:
    made_up = {row.code for row in catalogue.ROWS if row.code} - {"AuthorizationHeaderMalformed"}
    assert {*made_up, "StateNotSaved", "LockNotReleased", "LockHeld"} == set(explain.OWN_CODES)
