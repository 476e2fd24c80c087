"""Which profile each consumer of a run loads, and what names it: what the checks of profiles and files go by."""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.preflight import childenv
from tfwrap.sources import profiles, sources
from tfwrap.sources.profiles import Abilities, Broken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.profiles import Link

# Terraform's backend and the AWS provider have the second AWS SDK for Go from these versions on.
_SECOND_SDK_OF_BACKEND = (1, 6)
_SECOND_SDK_OF_PROVIDER = (4,)
_FILE_ARGUMENTS = ("shared_credentials_file", "shared_credentials_files", "shared_config_files")
# Where credentials come from whatever the profile says.
_NOT_A_PROFILE = (sources.ENVIRONMENT, sources.BLOCK, sources.SAVED_BACKEND)


class Use(NamedTuple):
    """A profile that consumers load, and what names it."""

    profile: str
    origin: str
    consumers: tuple[Consumer, ...]

    @property
    def is_named(self) -> bool:
        """Whether somebody named it: `default` is looked at unasked."""
        return self.origin != sources.DEFAULT

    @property
    def is_strict(self) -> bool:
        """Whether a profile that cannot be loaded stops Terraform whatever else is at hand (the second SDK)."""
        return any(map(has_second_sdk, self.consumers))

    @property
    def is_source(self) -> bool:
        """Whether somebody's credentials are to come from it."""
        return any(map(takes_profile, self.consumers))

    @property
    def who(self) -> str:
        """The consumers' names, for evidence."""
        return ", ".join(consumer.name for consumer in self.consumers)


def environment(facts: Facts) -> dict[str, str]:
    """The environment that Terraform gets."""
    return childenv.apply(facts.environ, facts.changes)


def names_own_files(consumer: Consumer) -> bool:
    """Whether its block names shared files of its own."""
    return any(consumer.arguments.get(name) for name in _FILE_ARGUMENTS)


def uses(facts: Facts) -> list[Use]:
    """The profiles that the consumers load from the user's shared files, each once; nothing that is not known."""
    environ = environment(facts)
    found: dict[str, Use] = {}
    for consumer in facts.consumers:
        if names_own_files(consumer):
            continue
        name, origin = _chosen(consumer, facts, environ)
        if name:
            known = found.get(name, Use(name, origin, ()))
            found[name] = known._replace(consumers=(*known.consumers, consumer))
    return list(found.values())


def chain(facts: Facts, use: Use) -> list[Link] | Broken:
    """The profiles that a profile rests on, or why they cannot be loaded."""
    is_new = use.is_strict
    able = Abilities(is_first_sdk=not is_new, sso=profiles.WHEN_USED, knows_sso_session=is_new, knows_login=is_new)
    return profiles.chain(facts.files, use.profile, able)


def has_second_sdk(consumer: Consumer) -> bool:
    """Whether the consumer's rules are those of the second SDK."""
    return consumer.rules >= (_SECOND_SDK_OF_BACKEND if consumer.is_backend else _SECOND_SDK_OF_PROVIDER)


def takes_profile(consumer: Consumer) -> bool:
    """Whether nothing goes before the profile, so that the consumer's credentials come from it or not at all."""
    source = consumer.source
    is_of_environment = source.kind == sources.WEB_IDENTITY and not source.profile
    return source.kind not in _NOT_A_PROFILE and not is_of_environment


def _chosen(consumer: Consumer, facts: Facts, environ: dict[str, str]) -> tuple[str, str]:
    """The profile that is loaded and what names it; the first SDK has no AWS_DEFAULT_PROFILE."""
    argument = consumer.arguments.get("profile")
    if argument:
        return (argument, f"the profile argument of {consumer.name}") if isinstance(argument, str) else ("", "")
    if name := environ.get("AWS_PROFILE", ""):
        is_meant = facts.intent.is_configured and facts.intent.profile == name
        return name, (facts.intent.origin if is_meant else "AWS_PROFILE")
    if has_second_sdk(consumer) and environ.get("AWS_DEFAULT_PROFILE"):
        return environ["AWS_DEFAULT_PROFILE"], "AWS_DEFAULT_PROFILE"
    return "default", sources.DEFAULT


def quoted(name: str) -> str:
    """A name from a file or a variable, between quotes, with nothing that a terminal would act upon."""
    return f'"{printable(name)}"'


def printable(text: str) -> str:
    """A text with nothing in it that a terminal would act upon."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def listed(names: Iterable[str], most: int = 5) -> str:
    """Several names as text, and how many more there are."""
    every = list(names)
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(map(quoted, every[:most])) + rest
