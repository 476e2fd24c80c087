r"""The user's PATH as text. `%USERPROFILE%` stays as it is: nothing is expanded."""

from __future__ import annotations

import pytest

from tfwrap.windows.userpath import with_first, without

SHIMS = r"C:\Users\me\AppData\Local\Programs\tfwrap\shims"
OTHERS = r"%USERPROFILE%\bin;C:\Program Files\Git\cmd;;C:\x"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", SHIMS, id="no PATH of the user's"),
        pytest.param(OTHERS, f"{SHIMS};{OTHERS}", id="not there yet"),
        pytest.param(f"{SHIMS};{OTHERS}", f"{SHIMS};{OTHERS}", id="first already"),
        pytest.param(f"{OTHERS};{SHIMS}", f"{SHIMS};{OTHERS}", id="last"),
        pytest.param(f"{SHIMS.upper()}\\;{OTHERS};{SHIMS}", f"{SHIMS};{OTHERS}", id="twice, written otherwise"),
        pytest.param(f'"{SHIMS}";{OTHERS}', f"{SHIMS};{OTHERS}", id="quoted"),
        pytest.param(f"{SHIMS}2;{OTHERS}", f"{SHIMS};{SHIMS}2;{OTHERS}", id="one that begins the same"),
        pytest.param(f"C:\\x{SHIMS[2:]};a", f"{SHIMS};C:\\x{SHIMS[2:]};a", id="one that ends the same"),
    ],
)
def test_the_shims_come_first_and_once(before: str, after: str) -> None:
    assert with_first(before, SHIMS) == after


@pytest.mark.parametrize("before", [OTHERS, f"{SHIMS};{OTHERS}", f"{OTHERS};{SHIMS.lower()}\\"])
def test_all_that_was_put_there_is_taken_away(before: str) -> None:
    assert without(before, SHIMS) == OTHERS


def test_a_path_that_held_nothing_else_is_empty_again() -> None:
    assert without(with_first("", SHIMS), SHIMS) == ""
