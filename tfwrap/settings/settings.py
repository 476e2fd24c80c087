"""tfwrap's own settings, every value with its origin.

Here are the variables, which come first; the files below them (`.tfwrap.toml`, the user's, the site's) are
`layers`. A mistake in a setting never costs the user the command: outside strict mode the default applies
and the mistake is said.
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Key = tuple[str, ...]
    """The way to a value through the tables of a file, as in `("workspace", "prod", "account")`."""

DEFAULT = "the default"
ERROR = "error"
WARNING = "warning"
KEY_AGE_DAYS = 90
AUTO_CHOICES = ("off", "reconfigure", "refresh", "all")
FORMATS = ("text", "json", "github", "gitlab")
_TRUE = ("1", "true", "yes", "on")
_FALSE = ("", "0", "false", "no", "off")
_KNOWN = (
    "TFWRAP_ACCOUNT",
    "TFWRAP_AUTO",
    "TFWRAP_CONFIG",
    "TFWRAP_DISABLE",
    "TFWRAP_FORMAT",
    "TFWRAP_LOG",
    "TFWRAP_OFFLINE",
    "TFWRAP_PROFILE",
    "TFWRAP_STRICT",
    "TFWRAP_TERRAFORM",
    "TFWRAP_TOFU",
)


class Value(NamedTuple):
    """A setting's value and where it was set, as a person reads it: `.tfwrap.toml:3`."""

    value: object
    origin: str


if TYPE_CHECKING:
    Values = Mapping[Key, Value]


class Settings(NamedTuple):
    """What applies to this run.

    `mistakes` are lines for the user, one for each setting that was not understood: strict mode refuses for them.
    `notes` are lines for which nothing is refused. `threshold` is the least severity that strict mode refuses for,
    `strict_origin` what set strict mode where it is on, `ignored` the ids of the findings that are dropped,
    `rests_on` the files that were looked at, absent ones included; empty as long as only variables were. `layers` are
    the values of variables and files, the strongest first. `form` is how findings are written, one of FORMATS. A
    long-term key older than `key_age_days` is a finding.
    """

    strict: bool = False
    auto: str = "off"
    auto_origin: str = DEFAULT
    offline: bool = False
    mistakes: tuple[str, ...] = ()
    threshold: str = WARNING
    strict_origin: str = "TFWRAP_STRICT"
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    layers: tuple[Values, ...] = ()
    form: str = "text"
    key_age_days: int = KEY_AGE_DAYS

    def allows(self, remedy: str) -> bool:
        """Whether a remedy (`reconfigure`, `refresh`) may be applied without asking."""
        return self.auto in (remedy, "all")

    @property
    def why_strict(self) -> str:
        """What makes strict mode be on, in words."""
        is_variable = self.strict_origin == "TFWRAP_STRICT"
        return f"{self.strict_origin} is set" if is_variable else f"strict is set in {self.strict_origin}"

    def refuses(self, severity: str) -> bool:
        """Whether strict mode, where it is on, refuses a run for a finding of that severity (`error`, `warning`)."""
        return self.strict and (severity == ERROR or self.threshold == WARNING)


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that the environment holds."""
    mistakes = _unknown(environ)
    _switch(environ, "TFWRAP_DISABLE", mistakes, when_unclear=False)
    strict = _switch(environ, "TFWRAP_STRICT", mistakes, when_unclear=True)
    offline = _switch(environ, "TFWRAP_OFFLINE", mistakes, when_unclear=False)
    auto = _choice(environ, "TFWRAP_AUTO", AUTO_CHOICES, mistakes)
    form = _choice(environ, "TFWRAP_FORMAT", FORMATS, mistakes)
    _account(environ, mistakes)
    origin = "TFWRAP_AUTO" if environ.get("TFWRAP_AUTO") else DEFAULT
    return Settings(strict, auto, origin, offline, tuple(mistakes), form=form)


def is_disabled(environ: Mapping[str, str]) -> bool:
    """TFWRAP_DISABLE: run the real binary and do nothing else."""
    return environ.get("TFWRAP_DISABLE", "").lower() in _TRUE


def is_strict(environ: Mapping[str, str]) -> bool:
    """TFWRAP_STRICT alone, for the places where there are no settings yet. What is unclear counts as strict."""
    return environ.get("TFWRAP_STRICT", "").lower() not in _FALSE


def is_pinned(environ: Mapping[str, str]) -> bool:
    """Whether a variable says which profile or account is meant: then another one is worse than no run at all."""
    return bool(environ.get("TFWRAP_ACCOUNT") or environ.get("TFWRAP_PROFILE"))


def _switch(environ: Mapping[str, str], name: str, mistakes: list[str], *, when_unclear: bool) -> bool:
    text = environ.get(name, "").lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    taken = "1" if when_unclear else "0"
    mistakes.append(f"{name} is {environ[name]!r}: use 1 or 0 (taken as {taken})")
    return when_unclear


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...], mistakes: list[str]) -> str:
    text = environ.get(name, "").lower()
    if not text or text in choices:
        return text or choices[0]
    mistakes.append(f"{name} is {environ[name]!r}: use one of {', '.join(choices)} (taken as {choices[0]})")
    return choices[0]


def _account(environ: Mapping[str, str], mistakes: list[str]) -> None:
    text = environ.get("TFWRAP_ACCOUNT", "")
    if text and not (len(text) == 12 and text.isascii() and text.isdigit()):
        mistakes.append(f"TFWRAP_ACCOUNT is {text!r}: use the twelve digits of an account (this one matches none)")


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = set(_KNOWN)
    names = sorted(name for name in environ if name.startswith("TFWRAP_") and name not in known)
    return [f"{name} is no setting of tfwrap's{_meant(name)}" for name in names]


def _meant(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, _KNOWN, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
