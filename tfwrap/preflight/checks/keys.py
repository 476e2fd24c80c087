"""1xx: the key pair of the environment: what AWS cannot accept of it. No value of theirs is ever in a finding."""

from __future__ import annotations

from tfwrap.aws import accesskey, keyshape
from tfwrap.preflight import childenv
from tfwrap.preflight.checks import endpoints, placeholders
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.preflight.childenv import Pair


def check(facts: Facts) -> Iterator[Finding]:
    """TFW103, TFW106, TFW107 and TFW109 to TFW111; silent where requests may go to something that is not AWS."""
    environ = childenv.apply(facts.environ, facts.changes)
    pair = childenv.pair(environ)
    if pair is None or endpoints.is_elsewhere(facts):
        return
    yield from _unusable(facts, environ, pair)
    yield from _special_characters(environ, pair)


def _unusable(facts: Facts, environ: Mapping[str, str], pair: Pair) -> Iterator[Finding]:
    """What AWS cannot accept, and no repair makes well formed."""
    if keyshape.is_secret(keyshape.bare(environ[pair.key_id])) and keyshape.is_key_id(
        keyshape.bare(environ[pair.secret])
    ):
        yield _swapped(pair)
        return
    names = [*pair, *([childenv.SESSION] if environ.get(childenv.SESSION) else [])]
    hollow = [name for name in names if placeholders.is_placeholder(environ[name])]
    if hollow:
        yield _placeholder(hollow)
    for name in names:
        if name not in hollow:
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
        title = f"{name} {wrong(value, is_secret=name == pair.secret)}: AWS will probably refuse it"
        yield Finding("TFW110", "malformed-key", WARNING, title, fix=(f"copy {name} anew from its source",))


def wrong(value: str, *, is_secret: bool) -> str:
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
    return is_temporary and not environ.get(childenv.SESSION) and not placeholders.is_placeholder(key_id)


def _no_token(facts: Facts, key: str, pair: Pair) -> Finding:
    """A warning where the backend is known to take its credentials elsewhere: then a provider may as well."""
    used = facts.backend_source
    severity = WARNING if used and used.kind != sources.ENVIRONMENT else ERROR
    title = (
        f"{pair.key_id} is the temporary key {key}, and AWS_SESSION_TOKEN is not set: AWS refuses one without the other"
    )
    fix = ("export AWS_SESSION_TOKEN as well; it comes with the key, from the same source",)
    return Finding("TFW103", "missing-session-token", severity, title, fix=fix)


def _special_characters(environ: Mapping[str, str], pair: Pair) -> Iterator[Finding]:
    """Of forty random characters of base64 at least one is `+` or `/` in 72 of 100 secrets: (62/64)**40 have none."""
    secret = environ[pair.secret]
    if not keyshape.is_secret(secret) or not {"+", "/"} & set(secret):
        return
    title = f"{pair.secret} has a + or a / in it, as most secret keys have: that is no reason to make a new one"
    evidence = (
        "AWS answers SignatureDoesNotMatch, not InvalidClientTokenId, to a secret that was mangled on its way",
        "it has forty characters of the right kind, so nothing shows that this one was",
    )
    fix = (f'printf %s "${pair.secret}" | wc -c   # 40 where it arrives whole: try it where Terraform runs',)
    yield Finding("TFW107", "special-characters", INFO, title, evidence, fix)
