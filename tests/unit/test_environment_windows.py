"""Names of variables on Windows: what tfwrap looks up, and what the child gets."""

from __future__ import annotations

import pytest

from tfwrap.environment_windows import as_given, as_looked_up

GIVEN = {
    "Path": r"C:\Windows",
    "aws_profile": "lab",
    "TF_VAR_region": "eu",
    "TF_VAR_Region": "us",
    "TF_CLI_ARGS_plan": "-no-color",
    "TF_TOKEN_app_example_com": "t",
    "ProgramFiles(x86)": r"C:\Program Files (x86)",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [("PATH", r"C:\Windows"), ("AWS_PROFILE", "lab"), ("PROGRAMFILES(X86)", r"C:\Program Files (x86)")],
)
def test_a_variable_is_found_in_any_case_of_letters(name: str, value: str) -> None:
    assert as_looked_up(GIVEN)[name] == value


@pytest.mark.parametrize("name", ["TF_VAR_region", "TF_VAR_Region", "TF_CLI_ARGS_plan", "TF_TOKEN_app_example_com"])
def test_what_terraform_takes_literally_keeps_its_name(name: str) -> None:
    assert as_looked_up(GIVEN)[name] == GIVEN[name]


def test_the_child_gets_the_names_that_were_given() -> None:
    assert as_given(as_looked_up(GIVEN), GIVEN) == GIVEN


def test_a_patch_changes_the_variable_that_is_there_and_adds_no_second_one() -> None:
    patched = {**as_looked_up(GIVEN), "AWS_PROFILE": "prod", "_TFWRAP_GUARD": "1:1:t"}
    del patched["TF_VAR_Region"]
    child = as_given(patched, GIVEN)
    assert child == {
        **{k: v for k, v in GIVEN.items() if k != "TF_VAR_Region"},
        "aws_profile": "prod",
        "_TFWRAP_GUARD": "1:1:t",
    }
