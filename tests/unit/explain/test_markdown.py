from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfwrap.explain import explain, markdown
from tfwrap.output import Output

PLAIN = Output(-1, colour=False).paint
COLOURED = Output(-1, colour=True).paint
PAGE = """# TFW104 stray-session-token

A sentence that is somewhat
longer than the narrow terminal, with `terraform plan` in it.

## How

- first, which goes on for more than a line of this terminal
- second
  and its second line

1. one

```sh
unset A   # a comment that is longer than the terminal is wide
- not an item
```

Behind it.
"""
SHOWN = """TFW104 stray-session-token

A sentence that is somewhat longer than
the narrow terminal, with terraform plan
in it.

How

- first, which goes on for more than a
  line of this terminal
- second and its second line

1. one

    unset A   # a comment that is longer than the terminal is wide
    - not an item

Behind it."""


def test_a_page_is_wrapped_and_its_code_is_indented_as_it_is() -> None:
    assert markdown.render(PAGE, 40, PLAIN) == SHOWN


def test_headings_are_bold_where_there_is_colour() -> None:
    assert markdown.render("## How\n\ntext\n", 40, COLOURED) == "\x1b[1mHow\x1b[0m\n\ntext"


@pytest.mark.parametrize("name", explain.page_names())
@pytest.mark.parametrize("width", [1, 60, 80, 300])
def test_every_page_fits_but_for_code_and_single_words(name: str, width: int) -> None:
    columns = max(markdown.NARROWEST, min(width, markdown.WIDEST))
    shown = markdown.render(explain.page(name), width, PLAIN).split("\n")
    # A heading is a line of its own, whatever the width: it is a name.
    loose = [line for line in shown if len(line) > columns and " " in line.strip() and not line.startswith("    ")]
    headings = [line.lstrip("# ") for line in explain.page(name).split("\n") if line.startswith("#")]
    tables = [line for line in loose if line.startswith("|")]
    assert [line for line in loose if line not in (*headings, *tables)] == []


@pytest.mark.parametrize("name", explain.page_names())
def test_no_word_of_a_page_is_lost(name: str) -> None:
    text = re.sub(r"^```\w+$", "", explain.page(name), flags=re.MULTILINE)
    words = [word for word in text.replace("`", "").split() if not word.startswith("#")]
    shown = markdown.render(text, 80, PLAIN).replace("`", "").split()
    assert [word for word in words if word not in shown] == []


@given(st.text(max_size=300), st.integers(-5, 200))
def test_any_text_is_rendered(text: str, width: int) -> None:
    assert isinstance(markdown.render(text, width, PLAIN), str)
