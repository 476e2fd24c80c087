"""A settings file's text: every value with its line, every mistake with file, line and key."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfwrap.settings import schema
from tfwrap.settings.schema import PROJECT, SITE, USER, Layer

EVERYTHING = """\
profile = "lab-{region}"
account = "111111111111"
strict = "error"
auto = "reconfigure"
offline = true
key_age_days = 60
backend_config = ["bucket=made-up"]
ignore = { TFW301 = "keys come from a vault" }

[workspace.prod]
profile = "prod"
account = "222222222222"

[workspace]
"a.b".account = "333333333333"

[refresh.prod]
command = [
  "aws", "sso", "login",
]
[refresh.ci]
vault = "aws/creds/deploy"
"""


def parse(text: str, kind: str = PROJECT) -> Layer:
    return schema.parse(text.encode(), "f", kind)


def mistakes(text: str, kind: str = PROJECT) -> tuple[str, ...]:
    return tuple(line.removesuffix(" (the file is left out)") for line in parse(text, kind).mistakes)


def test_every_setting_is_read_with_its_line() -> None:
    layer = parse(EVERYTHING)
    assert layer.mistakes == ()
    assert {schema.shown(key): tuple(value) for key, value in layer.values.items()} == {
        "profile": ("lab-{region}", "f:1"),
        "account": ("111111111111", "f:2"),
        "strict": ("error", "f:3"),
        "auto": ("reconfigure", "f:4"),
        "offline": (True, "f:5"),
        "key_age_days": (60, "f:6"),
        "backend_config": (["bucket=made-up"], "f:7"),
        "ignore.TFW301": ("keys come from a vault", "f:8"),
        "workspace.prod.profile": ("prod", "f:11"),
        "workspace.prod.account": ("222222222222", "f:12"),
        'workspace."a.b".account': ("333333333333", "f:15"),
        "refresh.prod.command": (["aws", "sso", "login"], "f:18"),
        "refresh.ci.vault": ("aws/creds/deploy", "f:22"),
    }


def test_the_user_file_has_paths_and_the_site_policy_forbids() -> None:
    assert parse('[paths]\n"~/work/**" = "work-{workspace}"\n', USER).values == {
        ("paths", "~/work/**"): ("work-{workspace}", "f:2")
    }
    assert parse('forbid = ["ignore", "strict"]', SITE).values == {("forbid",): (["ignore", "strict"], "f:1")}


@pytest.mark.parametrize("prefix", ["\ufeff", "# a comment\r\n", "\n\n", 'backend_config = ["""\nstrict = 1\n"""]\n'])
def test_lines_are_right_whatever_stands_above(prefix: str) -> None:
    lines = prefix.count("\n")
    assert parse(f"{prefix}strict = true\n").values["strict",] == (True, f"f:{lines + 1}")


ACCOUNT = "account must be twelve digits in quotes"
PROFILE = "profile must be the name of a profile in quotes, with no braces but {region} and {workspace}"
STRICT = 'strict must be true, false, "error" or "warning"'
AUTO = "auto must be one of off, reconfigure, refresh, all, in quotes"
VAULT = '"aws/creds/ROLE", "aws/sts/ROLE" or "MOUNT/data/PATH" (KV version 2)'

WRONG = [
    ("strikt = true", "f:1: strikt is no setting (did you mean strict?)"),
    ("\n[zzzzzz.a.b.c]\nd.e = 1", "f:2: zzzzzz is no setting"),
    ("zzzzzz = 1", "f:1: zzzzzz is no setting"),
    ("\naccount = 111111111111", f"f:2: {ACCOUNT}"),
    ('account = "11111111111"', f"f:1: {ACCOUNT}"),
    ('account = "' + "\u0661" * 12 + '"', f"f:1: {ACCOUNT}"),
    ('account = "111111111111\\n"', f"f:1: {ACCOUNT}"),
    ("profile = 1", f"f:1: {PROFILE}"),
    ('profile = ""', f"f:1: {PROFILE}"),
    ('profile = "a-{account}"', f"f:1: {PROFILE}"),
    ('profile = "a{"', f"f:1: {PROFILE}"),
    ('profile = "a\\u0000"', f"f:1: {PROFILE}"),
    ("strict = 1", f"f:1: {STRICT}"),
    ('strict = "yes"', f"f:1: {STRICT}"),
    ("strict = []", f"f:1: {STRICT}"),
    ('auto = "ALL"', f"f:1: {AUTO}"),
    ("auto = true", f"f:1: {AUTO}"),
    ("offline = 1", "f:1: offline must be true or false"),
    ("key_age_days = 0", "f:1: key_age_days must be a number of days from 1 to 3650"),
    ("key_age_days = true", "f:1: key_age_days must be a number of days from 1 to 3650"),
    ('key_age_days = "90"', "f:1: key_age_days must be a number of days from 1 to 3650"),
    ('offline = "true"', "f:1: offline must be true or false"),
    ("offline = 2020-01-01", "f:1: offline must be true or false"),
    ("ignore = 1", "f:1: ignore must be a table"),
    ('ignore = ["TFW301"]', "f:1: ignore must be a table"),
    ('[ignore]\nTFW301 = ""', "f:2: ignore.TFW301 must be the reason, in quotes"),
    ('[ignore]\nTFW301 = " "', "f:2: ignore.TFW301 must be the reason, in quotes"),
    ("[ignore]\nTFW301 = true", "f:2: ignore.TFW301 must be the reason, in quotes"),
    ("[ignore.TFW301]\nwhy = 1", "f:1: ignore.TFW301 must be the reason, in quotes"),
    ('[ignore]\nbroken = "x"', "f:2: ignore.broken is no finding's id"),
    ('[ignore]\ntfw301 = "x"', "f:2: ignore.tfw301 is no finding's id (did you mean TFW301?)"),
    ('backend_config = "bucket=b"', 'f:1: backend_config must be a list of texts, as in ["bucket=made-up"]'),
    ("backend_config = [1]", 'f:1: backend_config must be a list of texts, as in ["bucket=made-up"]'),
    ("workspace = 1", "f:1: workspace must be a table"),
    ("[workspace]\nprod = 1", "f:2: workspace.prod must be a table"),
    ("[workspace.prod]\nacount = 1", "f:2: workspace.prod.acount is no setting (did you mean account?)"),
    ("[workspace.prod]\naccount = 1", "f:2: workspace.prod.account must be twelve digits in quotes"),
    (
        "[refresh.prod]\ncommand = []",
        'f:2: refresh.prod.command must be a list of words, as in ["aws", "sso", "login"]',
    ),
    ("[refresh.prod]\nvault = 'secret/prod'", f"f:2: refresh.prod.vault must be {VAULT}"),
    ("[refresh.prod]\nvault = []", f"f:2: refresh.prod.vault must be {VAULT}"),
    ("[refresh.prod]\nvalt = 'a/creds/b'", "f:2: refresh.prod.valt is no setting (did you mean vault?)"),
    ("[[workspace]]\na = 1", "f:1: workspace must be a table"),
    ('[paths]\n"~/*" = "x"', "f:2: paths counts in the user file only"),
    ('forbid = ["strict"]', "f:1: forbid counts in the site policy only"),
    ("x", "f:1: is not TOML: Expected '=' after a key in a key/value pair"),
    ("strict = true\nstrict = true", "f:2: is not TOML: Cannot overwrite a value"),
    ("x = " + "[" * 100_000, "f is nested too deeply"),
    ("\na" + ".a" * 16_000 + " = 1", "f:2: is not TOML: more than 200 dots"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[text[:40] for text, _ in WRONG])
def test_a_mistake_names_file_line_and_key_and_leaves_the_file_out(text: str, said: str) -> None:
    layer = parse(text)
    assert len(layer.mistakes) == 1
    assert layer.mistakes[0].startswith(said)
    assert layer.values == {}


def test_a_good_value_beside_a_mistake_does_not_count() -> None:
    assert parse("strict = true\nauto = 1\n").values == {}


def test_a_value_is_never_repeated_in_what_is_said() -> None:
    assert "made-up-secret" not in str(parse('auto = "made-up-secret"\noffline = "made-up-secret"').mistakes)


@given(
    st.lists(st.sampled_from([*EVERYTHING.splitlines(), *"[]{}\"'=.\\n\\\\#\\0é", '"""']), max_size=12),
    st.binary(max_size=8),
)
def test_whatever_is_in_a_file_is_values_or_mistakes(pieces: list[str], junk: bytes) -> None:
    for kind in (PROJECT, USER, SITE):
        layer = schema.parse("\n".join(pieces).encode() + junk, "f", kind)
        assert not (layer.values and layer.mistakes)
        assert len(schema.rows(layer.values)) <= len(layer.values)


def test_bytes_that_are_no_text_are_a_mistake() -> None:
    assert schema.parse(b"profile = '\xff'", "f", PROJECT).mistakes == ("f is not UTF-8",)


def test_only_the_user_file_and_the_site_policy_have_their_own_settings() -> None:
    assert mistakes('forbid = ["strict"]', USER) == ("f:1: forbid counts in the site policy only",)
    assert mistakes('[paths]\na = "b"', SITE) == ("f:2: paths counts in the user file only",)
    assert mistakes('forbid = ["strikt"]', SITE)[0].startswith("f:1: forbid must be a list of names out of account,")
    assert mistakes("forbid = [[]]", SITE)[0].startswith("f:1: forbid must be")


def test_many_mistakes_are_not_all_said_and_take_no_time() -> None:
    text = "".join(f"strict{number} = 1\n" for number in range(15_000))
    begun = time.monotonic()
    assert len(mistakes(text)) == schema.MOST_MISTAKES
    assert time.monotonic() - begun < 20


def test_a_very_long_key_is_cut() -> None:
    assert len(mistakes("a" * 100_000 + " = 1")[0]) < 100
