"""1xx: requests that go to something that is not AWS."""

from __future__ import annotations

from tfwrap.aws import keyshape
from tfwrap.preflight import childenv
from tfwrap.preflight.checks import placeholders, used
from tfwrap.preflight.checks.finding import INFO, WARNING, Facts, Finding
from tfwrap.sources import sources
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.sources.consumers import Consumer

_LOOPBACK = ("localhost", "::1", "0.0.0.0")  # noqa: S104 - compared with, not bound to
_MADE_ELSEWHERE = (sources.WEB_IDENTITY, sources.CONTAINER, sources.IMDS)


def check(facts: Facts) -> Iterator[Finding]:
    """TFW116: information for an emulator, a warning where real credentials are used with another host."""
    environ = used.environment(facts)
    overrides = {name: environ[name] for name in sorted(environ) if childenv.is_elsewhere({name: environ[name]})}
    if not overrides:
        return
    names = list(overrides)
    remote = [name for name in names if not _is_loopback(overrides[name])]
    real = [consumer.name for consumer in facts.consumers if _is_real(consumer)]
    evidence = tuple(f"{name} names {_host(overrides[name])}" for name in names)
    fix = (f"unset {' '.join(names)}",)
    if remote and real:
        title = f"{' and '.join(remote)} sends requests with real credentials to a host that is not AWS"
        yield Finding("TFW116", "endpoint-override", WARNING, title, (*evidence, f"used by {', '.join(real)}"), fix)
    else:
        title = f"{names[0]}{' and others' if names[1:] else ''} sends requests to an endpoint that is not AWS"
        yield Finding("TFW116", "endpoint-override", INFO, title, evidence, fix)


def _host(url: str) -> str:
    """The host of a URL, without what may be a password before it."""
    host = url.rpartition("//")[2].partition("/")[0].rpartition("@")[2]
    return "".join(char for char in host if char.isprintable())[:80]


def _is_loopback(url: str) -> bool:
    host = _host(url).lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    is_address = name.startswith("127.") and not name.strip("0123456789.")
    return is_address or name in _LOOPBACK or name.endswith(".localhost")


def _is_real(consumer: Consumer) -> bool:
    """Whether the credentials look like AWS's own, and not like what one types for an emulator."""
    source = consumer.source
    if not source.access_key:
        is_made = source.kind == sources.PROFILE and source.how not in ("", sources.STATIC)
        return source.kind in _MADE_ELSEWHERE or is_made
    key = source.access_key
    return key.startswith(("AKIA", "ASIA")) and keyshape.is_key_id(key) and not placeholders.is_placeholder(key)


def is_elsewhere(facts: Facts) -> bool:
    """Whether requests may go to something that is not AWS, by a variable, a block, the saved backend or a file."""
    backend = facts.configuration.backend
    blocks = [block.arguments for block in (*facts.configuration.providers, *([backend] if backend else []))]
    saved = [facts.saved.config] if isinstance(facts.saved, SavedBackend) else []
    files = any({"endpoint_url", "services"} & profile.settings.keys() for profile in facts.files.profiles.values())
    return files or childenv.is_elsewhere(facts.environ) or any(map(is_named, (*blocks, *saved)))


def is_named(arguments: Mapping[str, object]) -> bool:
    """Whether a block names an endpoint that is not AWS's.

    What cannot be known before Terraform evaluates it may be an emulator as well.
    """
    values = [
        value for name, value in arguments.items() if name in ("endpoint", "endpoints") or name.endswith("_endpoint")
    ]
    flat = [inner for value in values for inner in (value.values() if isinstance(value, dict) else [value])]
    return any(value and not (isinstance(value, str) and childenv.is_aws(value)) for value in flat)
