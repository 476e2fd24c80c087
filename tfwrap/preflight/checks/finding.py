"""What a check is given and what it gives back."""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.settings import intent
from tfwrap.terraform import given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.config import AwsFiles
    from tfwrap.identity.identity import Answer
    from tfwrap.invocation import Invocation
    from tfwrap.preflight.bridgeable import Bridgeable
    from tfwrap.preflight.childenv import Change
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.sources import Source
    from tfwrap.terraform.configuration import Configuration
    from tfwrap.terraform.saved_backend import SavedBackend, Unreadable

ERROR = "error"
WARNING = "warning"
INFO = "info"


class Facts(NamedTuple):
    """Everything that preflight knows before the run, found out offline.

    `backend_source` is what the backend will use, `fresh_source` what it would use had nothing been saved; both
    None where the S3 backend is not in play. `environ` is what the user's shell gave us, `changes` what tfwrap
    changes of it for Terraform; the sources are those of the changed one. `consumers` are all that use credentials
    in this command, the backend first. `answers` is what STS said to the consumers of these names, empty as long as
    nobody was asked. `version` is the real binary's, (1, 99) where it is not known. `now` is a Unix time, `longest` how
    many seconds the longest past run here took. `given` is what is known to come by `-backend-config`. `bridgeable` are
    the profiles that Terraform cannot use and tfwrap could; where one has no `why_not`, it is bridged.
    """

    invocation: Invocation
    configuration: Configuration
    saved: SavedBackend | Unreadable | None
    files: AwsFiles
    backend_source: Source | None
    fresh_source: Source | None
    environ: Mapping[str, str] = {}
    changes: tuple[Change, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    intent: intent.Intent = intent.NOTHING
    answers: Mapping[str, Answer] = {}
    version: tuple[int, ...] = (1, 99)
    now: float = 0
    given: given.Found = given.NOTHING
    longest: float = 0
    bridgeable: tuple[Bridgeable, ...] = ()


class Finding(NamedTuple):
    """A check's result. `title` is one line, `evidence` says which value and where it was set, `fix` what to type."""

    id: str
    slug: str
    severity: str
    title: str
    evidence: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
