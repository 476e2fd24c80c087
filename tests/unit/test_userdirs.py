"""The user's home and tfwrap's directories on Windows."""

from __future__ import annotations

import pytest

from tfwrap import userdirs

GIT_BASH = {"HOME": "/c/Users/me", "USERPROFILE": r"C:\Users\me"}


@pytest.mark.parametrize(("platform", "home"), [("win32", r"C:\Users\me"), ("linux", "/c/Users/me")])
def test_the_home_is_the_one_that_terraform_takes(platform: str, home: str) -> None:
    assert userdirs.home(GIT_BASH, platform) == home


@pytest.mark.parametrize("environ", [{}, {"LOCALAPPDATA": ""}, {"LOCALAPPDATA": "relative"}])
def test_without_a_local_directory_there_is_no_place(environ: dict[str, str]) -> None:
    assert userdirs.local(environ) == ""
