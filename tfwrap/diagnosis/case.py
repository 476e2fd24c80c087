"""A failure with everything that is known about it, and what comes of it: a diagnosis with evidence and remedies."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tfwrap.failure.failure import Failure
    from tfwrap.identity.identity import Answer
    from tfwrap.preflight.checks.finding import Facts, Finding
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.source import Source

# How sure a cause is: AWS, Terraform or a file says so itself; one more thing would have to be known; it would fit too.
CERTAIN = "certain"
LIKELY = "likely"
POSSIBLE = "possible"
UNSURE = "unknown"
CONFIDENCES = (CERTAIN, LIKELY, POSSIBLE, UNSURE)

# What kind of remedy it is: tfwrap's own `init -reconfigure`; new credentials from where they came from; a value that
# has to be put right; something that only the user can do.
RECONFIGURE = "reconfigure"
REFRESH = "refresh"
REPAIR = "repair"
INSTRUCT = "instruct"

# What a probe found out. The key that failed has none of these.
OTHER_KEYS = "other-keys"
WITHOUT_TOKEN = "without-token"  # noqa: S105 - a name
HOME_REGION = "home-region"
OTHER_PARTITION = "other-partition"


class Remedy(NamedTuple):
    """Something that would put it right: `command` is what to type, empty where `does` says all there is to say.

    `step` is its place among those that have to be done one after the other, from 1; 0 where it stands by itself.
    """

    kind: str
    command: str
    does: str
    allowed: bool = False
    why_not: str = ""
    step: int = 0


class Diagnosis(NamedTuple):
    """The cause of a failure. `checked` is what was looked at and found innocent, or could not be looked at.

    `also` are the other causes that fit, the likelier first, each with its own evidence.
    """

    cause: str
    title: str
    confidence: str
    evidence: tuple[str, ...]
    checked: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    also: tuple[Diagnosis, ...] = ()

    def cleaned(self, clean: Callable[[str], str]) -> Diagnosis:
        """The same with every text passed through `clean`: AWS's words can repeat a secret."""
        remedies = tuple(
            remedy._replace(command=clean(remedy.command), does=clean(remedy.does), why_not=clean(remedy.why_not))
            for remedy in self.remedies
        )
        return self._replace(
            title=clean(self.title),
            evidence=tuple(map(clean, self.evidence)),
            checked=tuple(map(clean, self.checked)),
            remedies=remedies,
            also=tuple(other.cleaned(clean) for other in self.also),
        )


class Probe(NamedTuple):
    """One question to STS beside the one about the key that failed: what kind, about what in words, and the answer."""

    kind: str
    about: str
    answer: Answer
    region: str = ""

    def describe(self) -> str:
        """A line of evidence."""
        return f"{self.about}{f' at STS in {self.region}' if self.is_elsewhere else ''}: {self.answer.describe()}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether another region was asked than the one that Terraform asks."""
        return self.kind in (HOME_REGION, OTHER_PARTITION)


class Case(NamedTuple):
    """A failure, the facts at launch, and STS's answers: to the key that was used, and to the one that would be.

    `consumer` is the one that failed, where it is known; `source` what it used, `other` what it would use without
    what is saved, exported or written down. `probes` are the further questions; `findings` what the checks say about
    that consumer alone.
    """

    failure: Failure
    facts: Facts
    used: Answer
    fresh: Answer
    consumer: Consumer | None = None
    source: Source | None = None
    other: Source | None = None
    probes: tuple[Probe, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def code(self) -> str:
        """The code of the failure."""
        return self.failure.code

    @property
    def who(self) -> str:
        """Who failed, in words."""
        if self.failure.scope in (*failure.OF_THE_BACKEND, failure.CLI):
            return "the backend"
        return self.consumer.name if self.consumer else f"a {self.failure.scope}"

    @property
    def key(self) -> str:
        """The key that was used, masked, and where it stands: `the key AKIA****0001 (AWS_ACCESS_KEY_ID)`."""
        source = self.source
        if source is None or not source.access_key:
            return "the credentials"
        return f"the key {accesskey.mask(source.access_key)} ({source.location})"

    @property
    def is_rejected(self) -> bool:
        """Whether STS rejects the key that was used."""
        return self.used.status == identity.REJECTED

    @property
    def is_accepted(self) -> bool:
        """Whether STS accepts the key that was used."""
        return self.used.status == identity.OK

    def says(self, codes: Iterable[str]) -> bool:
        """Whether one of these codes is what Terraform was told, or what STS answers to the same key."""
        return self.failure.code in codes or (self.is_rejected and self.used.code in codes)

    def found(self, *ids: str) -> Finding | None:
        """The first finding with one of these ids."""
        return next((finding for finding in self.findings if finding.id in ids), None)

    def probe(self, *kinds: str) -> Probe | None:
        """The first probe of these kinds that STS accepted."""
        return next(
            (probe for probe in self.probes if probe.kind in kinds and probe.answer.status == identity.OK), None
        )

    def is_answered(self, kind: str) -> bool:
        """Whether STS has answered a probe of that kind."""
        told = (identity.OK, identity.REJECTED)
        return any(probe.kind == kind and probe.answer.status in told for probe in self.probes)

    def probed(self) -> tuple[str, ...]:
        """A line of evidence for each probe; for regions with the same answer one for all of them."""
        regions: dict[tuple[str, str], list[str]] = {}
        for probe in self.probes:
            regions.setdefault((probe.about, probe.answer.describe()), []).extend(
                [probe.region] if probe.is_elsewhere else []
            )
        told = (
            (about, f" at STS in {' and '.join(where)}" if where else "", answer)
            for (about, answer), where in regions.items()
        )
        return tuple(f"{about}{where}: {answer}" for about, where, answer in told)

    @property
    def said(self) -> str:
        """What Terraform was told, as a line of evidence."""
        return f"Terraform's {self.failure.scope} was refused with {self.failure.code}"

    @property
    def asked(self) -> str:
        """What STS answers to the key that was used, as a line of evidence."""
        return f"{self.key}: {self.used.describe()}"
