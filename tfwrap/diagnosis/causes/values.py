"""Values that cannot be credentials: damaged on their way, exchanged, an example, or an emulator's."""

from __future__ import annotations

from tfwrap.aws import keyshape
from tfwrap.diagnosis.case import CERTAIN, INSTRUCT, LIKELY, Case, Diagnosis, Remedy
from tfwrap.diagnosis.causes import remedies, slugs
from tfwrap.identity import identity
from tfwrap.lean import NamedTuple
from tfwrap.preflight import childenv
from tfwrap.preflight.checks import placeholders, used
from tfwrap.sources.source import ENVIRONMENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.aws.keyshape import Shape
    from tfwrap.sources.source import Source

# AWS rejects such values with one of these; a line end does not even leave the machine.
_REJECTIONS = (
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "InvalidToken",
    "AuthFailure",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "AuthorizationHeaderMalformed",
    "InvalidHeaderValue",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "Forbidden",
    "BadRequest",
    "AccountUnknown",
)
_SECRET = "the secret key"  # noqa: S105 - what it is called
_SIGNATURE_CODES = ("SignatureDoesNotMatch", "InvalidSignatureException")
# What is decided by the key id and the token, or by the signature (facts of AWS's own error codes).
_DECIDED = tuple(code for code in _REJECTIONS if code not in ("Forbidden", "BadRequest", "AccountUnknown"))
# AWS makes no key id with small letters, and no value with a blank or a quotation mark in it.
_BY, _SMALL_LETTERS = "is damaged by", "has small letters, where a key id has capitals"
_SURELY = (_BY, _SMALL_LETTERS)
# A key id with slashes gives one part too many in the credential scope.
_SWAPPED_CODES = ("IncompleteSignature", "IncompleteSignatureException", "AuthorizationHeaderMalformed")
# What emulators' own documents tell people to set: LocalStack (`test`), moto (`testing`), MinIO, DynamoDB local.
_EMULATORS = {
    "test": "LocalStack's documentation has it",
    "testing": "moto's documentation has it",
    "mock_access_key": "LocalStack's examples for Terraform have it",
    "minioadmin": "it is MinIO's default",
    "minio": "MinIO's examples have it",
    "fakemykeyid": "the documentation of DynamoDB local has it",
    "dummymykeyid": "the documentation of DynamoDB local has it",
}
_LOCALSTACK = ("LKIA", "LSIA")


class Value(NamedTuple):
    """One of the three values of a source: what it is called, and what it holds. Not for printing."""

    name: str
    shape: Shape
    text: str

    def __repr__(self) -> str:
        return f"Value({self.name!r})"


def damaged(case: Case) -> Diagnosis | None:
    """A value with a line end, quotes, URL-encoding or the like, where AWS or the HTTP library refuses it."""
    if not case.says(_REJECTIONS) or case.source is None:
        return None
    wrong = [(name, words) for name, words in _damage(case.source) if _can_be(name, case)]
    if not wrong and case.code != "InvalidHeaderValue":
        return None
    place = case.source.location
    header = case.failure.facts.get("header", "")
    told = f"Go refuses to send the header {header}: a line end stands in it" if header else case.asked
    evidence = (*(f"{name} of {place} {words}" for name, words in wrong), told)
    names = " and ".join(name for name, _ in wrong) or _IN_HEADER.get(header, "a credential")
    title = f"{names} of {place} is damaged"
    fix = remedies.edit(place, f"set {names} again, copied from its source without what does not belong to it")
    is_shown = case.code == "InvalidHeaderValue" or any(words.startswith(_SURELY) for _, words in wrong)
    return Diagnosis(slugs.DAMAGED_CREDENTIALS, title, CERTAIN if is_shown else LIKELY, evidence, remedies=(fix,))


_IN_HEADER = {"Authorization": "the key id", "X-Amz-Security-Token": "the session token"}


def _can_be(name: str, case: Case) -> bool:
    """Whether damage to that value gives this answer: a mangled secret changes the signature, and nothing else."""
    is_signature = case.says(_SIGNATURE_CODES)
    return is_signature == (name == _SECRET) or not case.says(_DECIDED)


def _damage(source: Source) -> Iterator[tuple[str, str]]:
    for value in values(source):
        found = keyshape.damage(value.text, value.shape) if value.text else None
        if found and found.words:
            yield value.name, f"{_BY} {' and '.join(found.words)}"
        elif found and value.shape is keyshape.KEY_ID and keyshape.is_key_id(value.text.upper()):
            yield value.name, _SMALL_LETTERS
        elif found and value.shape is keyshape.SECRET:
            yield value.name, f"has {len(value.text)} characters or odd ones; a secret key has forty of base64"


def values(source: Source) -> tuple[Value, ...]:
    """What a source holds, as far as it is at hand."""
    secret, token = (held.reveal() if held else "" for held in (source.secret_key, source.token))
    return (
        Value("the key id", keyshape.KEY_ID, source.access_key),
        Value(_SECRET, keyshape.SECRET, secret),
        Value("the session token", keyshape.TOKEN, token),
    )


def swapped(case: Case) -> Diagnosis | None:
    """Key id and secret key in each other's place."""
    if not case.says(_REJECTIONS):
        return None
    key_id, secret = [keyshape.bare(value.text) for value in values(case.source)[:2]] if case.source else ("", "")
    is_seen = keyshape.is_secret(key_id) and keyshape.is_key_id(secret)
    if not is_seen and case.code not in _SWAPPED_CODES:
        return None
    place = case.source.location if case.source else "the credentials"
    evidence = [case.said]
    if is_seen:
        evidence.append(f"what stands for the key id in {place} has the form of a secret key, and the other way round")
    else:
        evidence.append("AWS reads the key id up to the first slash: a key id has none, most secret keys do")
    fix = remedies.edit(place, "exchange the two; the secret key was sent in clear, so make a new key")
    title = f"key id and secret key of {place} are swapped"
    return Diagnosis(slugs.SWAPPED_CREDENTIALS, title, CERTAIN if is_seen else LIKELY, tuple(evidence), remedies=(fix,))


def emulator(case: Case) -> Diagnosis | None:
    """The key of an emulator went to something that checks keys."""
    source = case.source
    if source is None or not case.says(_REJECTIONS):
        return None
    bare = keyshape.bare(source.access_key).lower()
    why = _EMULATORS.get(bare, "")
    if source.access_key.startswith(_LOCALSTACK):
        why = "LocalStack makes keys with that beginning"
    if not why:
        return None
    word = bare if bare in _EMULATORS else source.access_key[:4]
    host = case.used.host or (f"STS in {case.consumer.endpoint.region}" if case.consumer else "AWS")
    evidence = (
        f"the key id of {source.location} is {word!a}: {why}",
        f"{host}: {case.used.describe()}",
    )
    environ = used.environment(case.facts)
    command = remedies.unset_keys(environ) if source.kind == ENVIRONMENT and childenv.present(environ) else ""
    does = (
        "lets go of the emulator's key, for AWS; for the emulator name its endpoints in the block or AWS_ENDPOINT_URL"
    )
    title = f"the key of {source.location} is an emulator's, and {host} refused it"
    confidence = CERTAIN if case.used.status == identity.REJECTED else LIKELY
    fix = Remedy(INSTRUCT, command, does)
    return Diagnosis(slugs.EMULATOR_CREDENTIALS, title, confidence, evidence, remedies=(fix,))


def placeholder(case: Case) -> Diagnosis | None:
    """An example from a document, or a template that nobody has filled in."""
    source = case.source
    if source is None or not case.says(_REJECTIONS):
        return None
    hollow = [value.name for value in values(source) if value.text and placeholders.is_placeholder(value.text)]
    if not hollow:
        return None
    names = " and ".join(hollow)
    evidence = (f"{names} of {source.location} is an example or a template, by its form", case.asked)
    fix = remedies.edit(source.location, "put real credentials there, or none")
    title = f"{names} of {source.location} is a placeholder"
    return Diagnosis(slugs.PLACEHOLDER_CREDENTIALS, title, CERTAIN, evidence, remedies=(fix,))
