"""1xx: the AWS variables that Terraform was given. No value of theirs is ever in a finding."""

from __future__ import annotations

from tfwrap import accesskey, childenv, keyshape, sources
from tfwrap.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.childenv import Change, Pair

# What people write where a value belongs; AWS's own examples end in EXAMPLE and EXAMPLEKEY.
_PLACEHOLDERS = (
    "test",
    "testing",
    "dummy",
    "fake",
    "foo",
    "foobar",
    "example",
    "mock",
    "changeme",
    "xxx",
    "none",
    "null",
)
_PLACEHOLDERS_BEGIN = ("<", "${", "{{", "$aws_", "%aws_", "your", "mock_", "replace")


def check(facts: Facts) -> Iterator[Finding]:
    """TFW102 to TFW111: what was repaired, what Terraform passes over, and what AWS cannot accept."""
    environ = childenv.apply(facts.environ, facts.changes)
    pair = childenv.pair(environ)
    yield from map(_change, facts.changes)
    yield from _partial(environ)
    yield from _legacy_token(facts)
    if pair is None:
        yield from _default_profile(environ)
    elif not _is_elsewhere(facts):
        yield from _unusable(facts, environ, pair)


def _change(change: Change) -> Finding:
    if change.rule == childenv.STRAY:
        title = f"Terraform gets no {change.name}: {change.why}"
        return Finding("TFW104", "stray-session-token", WARNING, title, fix=(f"unset {change.name}",))
    if change.rule == childenv.LEGACY:
        title = f"Terraform gets AWS_SECURITY_TOKEN as {change.name}: {change.why}"
        return Finding(
            "TFW105", "legacy-variables", WARNING, title, (), (f'export {change.name}="$AWS_SECURITY_TOKEN"',)
        )
    title = f"{change.name} is damaged by {change.why}; Terraform gets it repaired"
    evidence = ("AWS refuses it as it is; undoing the damage makes it well formed",)
    return Finding("TFW106", "damaged-value", WARNING, title, evidence, (f"set {change.name} without it",))


def _partial(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Terraform passes over half a pair in silence; botocore refuses it (PartialCredentialsError)."""
    present = childenv.present(environ)
    if not present or childenv.pair(environ):
        return
    missing = "key id" if "SECRET" in present[0] else "secret key"
    title = f"{present[0]} is set without its {missing}: Terraform passes it over and looks elsewhere"
    fix = ("set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither",)
    yield Finding("TFW102", "partial-credentials", WARNING, title, fix=fix)


def _legacy_token(facts: Facts) -> Iterator[Finding]:
    """botocore prefers AWS_SECURITY_TOKEN, Terraform does not read it. aws-vault and saml2aws set both alike."""
    legacy, token = facts.environ.get(childenv.SECURITY), facts.environ.get(childenv.SESSION)
    promoted = any(change.rule == childenv.LEGACY for change in facts.changes)
    if not legacy or legacy == token or promoted:
        return
    fix = ("unset AWS_SECURITY_TOKEN",)
    if token:
        title = "AWS_SECURITY_TOKEN differs from AWS_SESSION_TOKEN: Terraform uses the second, boto3 the first"
        yield Finding("TFW105", "legacy-variables", WARNING, title, fix=fix)
    else:
        title = "AWS_SECURITY_TOKEN is set: Terraform does not read it"
        yield Finding("TFW105", "legacy-variables", INFO, title, fix=fix)


def _default_profile(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Only where no pair of keys goes before both."""
    first, second = environ.get("AWS_PROFILE"), environ.get("AWS_DEFAULT_PROFILE")
    if first and second and first != second:
        title = "AWS_PROFILE and AWS_DEFAULT_PROFILE differ: Terraform takes the first, boto3 the second"
        evidence = (f"AWS_PROFILE={first!a}, AWS_DEFAULT_PROFILE={second!a}",)
        yield Finding("TFW108", "default-profile-differs", WARNING, title, evidence, ("unset AWS_DEFAULT_PROFILE",))


def _unusable(facts: Facts, environ: Mapping[str, str], pair: Pair) -> Iterator[Finding]:
    """What AWS cannot accept, and no repair makes well formed."""
    if keyshape.is_secret(keyshape.bare(environ[pair.key_id])) and keyshape.is_key_id(
        keyshape.bare(environ[pair.secret])
    ):
        yield _swapped(pair)
        return
    names = [*pair, *([childenv.SESSION] if environ.get(childenv.SESSION) else [])]
    placeholders = [name for name in names if _is_placeholder(environ[name])]
    if placeholders:
        yield _placeholder(placeholders)
    for name in names:
        if name not in placeholders:
            yield from _misshapen(name, environ[name], pair)
    if _lacks_token(environ, pair):
        yield _no_token(facts, accesskey.mask(environ[pair.key_id]), pair)


def _swapped(pair: Pair) -> Finding:
    title = f"{pair.key_id} holds what looks like a secret key, and {pair.secret} a key id: they are swapped"
    evidence = ("a key id is sent in clear with every request, so the secret would be: it may have been before",)
    fix = (f"exchange {pair.key_id} and {pair.secret}; make a new key if they were used like this",)
    return Finding("TFW111", "swapped-key-and-secret", ERROR, title, evidence, fix)


def _placeholder(names: list[str]) -> Finding:
    verb = "hold placeholders" if len(names) > 1 else "holds a placeholder"
    title = f"{' and '.join(names)} {verb}: AWS will refuse the request"
    return Finding(
        "TFW109", "placeholder-key", WARNING, title, fix=(f"unset {' '.join(names)}, or set real credentials",)
    )


def _is_placeholder(value: str) -> bool:
    inner = keyshape.bare(value)
    if keyshape.is_key_id(inner) or keyshape.is_secret(inner):
        return inner.endswith(("EXAMPLE", "EXAMPLEKEY"))
    return inner.lower() in _PLACEHOLDERS or inner.lower().startswith(_PLACEHOLDERS_BEGIN)


def _misshapen(name: str, value: str, pair: Pair) -> Iterator[Finding]:
    shape = {pair.key_id: keyshape.KEY_ID, pair.secret: keyshape.SECRET}.get(name, keyshape.TOKEN)
    damage = keyshape.damage(value, shape)
    if damage is None:
        return
    if damage.words:
        words = " and ".join(damage.words)
        title = f"{name} is damaged by {words}, and without that it is not well formed either: it stays as it is"
        yield Finding("TFW106", "damaged-value", WARNING, title, fix=(f"copy {name} anew from its source",))
    elif shape is not keyshape.TOKEN:
        title = f"{name} {_wrong(value, is_secret=name == pair.secret)}: AWS will probably refuse it"
        yield Finding("TFW110", "malformed-key", WARNING, title, fix=(f"copy {name} anew from its source",))


def _wrong(value: str, *, is_secret: bool) -> str:
    """What distinguishes a value from a well-formed one, without showing it."""
    if is_secret:
        how = f"of {len(value)} characters" if len(value) != 40 else "with a character that no secret key has"
        return f"is {how}, where a secret key has forty of A-Z, a-z, 0-9, / and +"
    if keyshape.is_secret(value):
        return "looks like a secret key and not like a key id"
    if keyshape.is_key_id(value.upper()):
        return "has small letters, where a key id has capitals"
    return "does not look like a key id (AKIA or ASIA, and sixteen capitals or digits)"


def _lacks_token(environ: Mapping[str, str], pair: Pair) -> bool:
    key_id = environ[pair.key_id]
    is_temporary = keyshape.is_key_id(key_id) and key_id.startswith(accesskey.TEMPORARY)
    return is_temporary and not environ.get(childenv.SESSION) and not _is_placeholder(key_id)


def _no_token(facts: Facts, key: str, pair: Pair) -> Finding:
    """A warning where the backend is known to take its credentials elsewhere: then a provider may as well."""
    used = facts.backend_source
    severity = WARNING if used and used.kind != sources.ENVIRONMENT else ERROR
    title = (
        f"{pair.key_id} is the temporary key {key}, and AWS_SESSION_TOKEN is not set: AWS refuses one without the other"
    )
    fix = ("export AWS_SESSION_TOKEN as well; it comes with the key, from the same source",)
    return Finding("TFW103", "missing-session-token", severity, title, fix=fix)


def _is_elsewhere(facts: Facts) -> bool:
    """Whether requests may go to something that is not AWS, by a variable, a block, the saved backend or a file."""
    backend = facts.configuration.backend
    blocks = [block.arguments for block in (*facts.configuration.providers, *([backend] if backend else []))]
    saved = [facts.saved.config] if isinstance(facts.saved, SavedBackend) else []
    files = any({"endpoint_url", "services"} & profile.settings.keys() for profile in facts.files.profiles.values())
    return files or childenv.is_elsewhere(facts.environ) or any(map(_names_endpoint, (*blocks, *saved)))


def _names_endpoint(arguments: Mapping[str, object]) -> bool:
    """What cannot be known before Terraform evaluates it may be an emulator as well."""
    values = [
        value for name, value in arguments.items() if name in ("endpoint", "endpoints") or name.endswith("_endpoint")
    ]
    flat = [inner for value in values for inner in (value.values() if isinstance(value, dict) else [value])]
    return any(value and not (isinstance(value, str) and childenv.is_aws(value)) for value in flat)
