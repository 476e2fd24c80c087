"""tfwrap's variables: what they mean, and that a mistake is said and costs nothing."""

from __future__ import annotations

import pytest

from tfwrap.settings import settings

ON = ["1", "true", "TRUE", "Yes", "on", "oN"]
OFF = ["", "0", "false", "No", "OFF"]
UNCLEAR = ["2", "perhaps", " 1", "1 ", "y", "\udcff"]


@pytest.mark.parametrize("text", ON)
def test_a_switch_is_on(text: str) -> None:
    environ = dict.fromkeys(("TFWRAP_STRICT", "TFWRAP_OFFLINE", "TFWRAP_DISABLE"), text)
    assert settings.read(environ) == settings.Settings(strict=True, offline=True)
    assert settings.is_strict(environ)
    assert settings.is_disabled(environ)


@pytest.mark.parametrize("text", OFF)
def test_a_switch_is_off(text: str) -> None:
    environ = dict.fromkeys(("TFWRAP_STRICT", "TFWRAP_OFFLINE", "TFWRAP_DISABLE"), text)
    assert settings.read(environ) == settings.Settings()
    assert not settings.is_strict(environ)
    assert not settings.is_disabled(environ)


@pytest.mark.parametrize("text", UNCLEAR)
def test_an_unclear_switch_is_strict_and_says_so(text: str) -> None:
    read = settings.read({"TFWRAP_STRICT": text})
    assert (read.strict, settings.is_strict({"TFWRAP_STRICT": text})) == (True, True)
    assert read.mistakes == (f"TFWRAP_STRICT is {text!r}: use 1 or 0 (taken as 1)",)


@pytest.mark.parametrize("name", ["TFWRAP_OFFLINE", "TFWRAP_DISABLE"])
def test_any_other_unclear_switch_is_off_and_says_so(name: str) -> None:
    read = settings.read({name: "perhaps"})
    assert (read.offline, settings.is_disabled({name: "perhaps"})) == (False, False)
    assert read.mistakes == (f"{name} is 'perhaps': use 1 or 0 (taken as 0)",)


@pytest.mark.parametrize(
    ("auto", "allowed"),
    [
        ("", set()),
        ("off", set()),
        ("reconfigure", {"reconfigure"}),
        ("REFRESH", {"refresh"}),
        ("all", {"reconfigure", "refresh"}),
    ],
)
def test_auto_allows_what_it_names(auto: str, allowed: set[str]) -> None:
    read = settings.read({"TFWRAP_AUTO": auto})
    assert {remedy for remedy in ("reconfigure", "refresh") if read.allows(remedy)} == allowed
    assert read.auto_origin == ("TFWRAP_AUTO" if auto else "the default")
    assert read.mistakes == ()


@pytest.mark.parametrize("text", ["yes", "1", "reconfigure,refresh", "of", " all"])
def test_an_unclear_auto_allows_nothing_and_says_so(text: str) -> None:
    read = settings.read({"TFWRAP_AUTO": text})
    assert not read.allows("reconfigure")
    assert read.mistakes == (f"TFWRAP_AUTO is {text!r}: use one of off, reconfigure, refresh, all (taken as off)",)


def test_an_unknown_setting_is_named_with_the_one_that_was_meant() -> None:
    read = settings.read({"TFWRAP_STRIKT": "1", "TFWRAP_QQQQQQQQQ": "1"})
    assert read.mistakes == (
        "TFWRAP_QQQQQQQQQ is no setting of tfwrap's",
        "TFWRAP_STRIKT is no setting of tfwrap's (did you mean TFWRAP_STRICT?)",
    )
    assert not read.strict


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="nothing set"),
        pytest.param({"_TFWRAP_GUARD": "1:1:/x"}, id="the guard is no setting"),
        pytest.param({"TF_WRAP_STRICT": "1"}, id="a name of Terraform's family"),
        pytest.param({"tfwrap_strict": "1"}, id="names count as they are written"),
        pytest.param({"TFWRAP": "1"}, id="the bare word"),
        pytest.param({"TFWRAP_TERRAFORM": "/x", "TFWRAP_TOFU": "/y"}, id="the real binaries"),
        pytest.param({"TFWRAP_PROFILE": "", "TFWRAP_ACCOUNT": ""}, id="no intent"),
        pytest.param({"TFWRAP_FORMAT": "json", "TFWRAP_LOG": "debug", "TFWRAP_CONFIG": "/x"}, id="the rest"),
    ],
)
def test_nothing_is_said_about_what_is_right_or_not_ours(environ: dict[str, str]) -> None:
    assert settings.read(environ).mistakes == ()


def test_a_format_that_does_not_exist_is_said() -> None:
    assert settings.read({"TFWRAP_FORMAT": "xml"}).mistakes == (
        "TFWRAP_FORMAT is 'xml': use one of text, json, github, gitlab (taken as text)",
    )


@pytest.mark.parametrize(
    ("read", "refused"),
    [
        (settings.Settings(), set()),
        (settings.Settings(strict=True), {"error", "warning"}),
        (settings.Settings(strict=True, threshold="error"), {"error"}),
        (settings.Settings(threshold="error"), set()),
    ],
)
def test_strict_mode_refuses_from_its_threshold_on(read: settings.Settings, refused: set[str]) -> None:
    assert {severity for severity in ("error", "warning") if read.refuses(severity)} == refused


def test_what_makes_strict_mode_be_on_is_told() -> None:
    assert settings.read({"TFWRAP_STRICT": "1"}).why_strict == "TFWRAP_STRICT is set"
    read = settings.Settings(strict=True, strict_origin=".tfwrap.toml:3")
    assert read.why_strict == "strict is set in .tfwrap.toml:3"


@pytest.mark.parametrize("text", ["prod", "11111111111", "1111-1111-1111", "\u0661" * 12])
def test_an_account_that_cannot_be_one_is_a_mistake(text: str) -> None:
    (mistake,) = settings.read({"TFWRAP_ACCOUNT": text}).mistakes
    assert mistake.startswith("TFWRAP_ACCOUNT is ")
    assert mistake.endswith("(this one matches none)")


@pytest.mark.parametrize("environ", [{"TFWRAP_ACCOUNT": "111111111111"}, {"TFWRAP_PROFILE": "lab"}])
def test_a_pin_is_no_mistake_and_known_before_any_file_is(environ: dict[str, str]) -> None:
    assert settings.read(environ).mistakes == ()
    assert settings.is_pinned(environ)
    assert not settings.is_pinned(dict.fromkeys(environ, ""))
