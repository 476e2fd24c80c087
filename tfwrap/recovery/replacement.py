"""What would take the place of saved credentials, made and asked about: a role, a login, a web identity.

The key that assumes a role says nothing of whose the role is, and a login has no key before it is made.
"""

from __future__ import annotations

from tfwrap.identity import identity
from tfwrap.identity.question import Answer
from tfwrap.resolving import resolving
from tfwrap.terraform.saved_backend import CREDENTIAL_ARGUMENTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.diagnosis.case import Case
    from tfwrap.sources.consumers import Consumer

LIMIT_S = 15.0


def asked_about(case: Case, environ: Mapping[str, str]) -> Case:
    """The case with STS's answer to the credentials that the backend would end up with; `environ` is Terraform's."""
    consumer = _consumer(case)
    if consumer is None or not resolving.is_needed(consumer):
        return case
    made = resolving.resolve(consumer, environ, LIMIT_S)
    return case._replace(fresh=made if isinstance(made, Answer) else identity.ask(made, consumer.endpoint))


def _consumer(case: Case) -> Consumer | None:
    """The backend as it would be with nothing of who asks saved, but for what its block says."""
    fresh, block = case.facts.fresh_source, case.facts.configuration.backend
    if case.consumer is None or fresh is None:
        return None
    kept = {name: value for name, value in case.consumer.arguments.items() if name not in CREDENTIAL_ARGUMENTS}
    said = block.arguments if block else {}
    return case.consumer._replace(source=fresh, arguments={**kept, **said})
