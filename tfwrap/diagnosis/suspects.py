"""Whose credentials failed: the consumer that a diagnostic names, what it used, and what it would use instead."""

from __future__ import annotations

import re

from tfwrap import origin
from tfwrap.aws import config as awsconfig
from tfwrap.failure import failure
from tfwrap.failure.codes import CREDENTIAL_CODES
from tfwrap.origin import Secret
from tfwrap.preflight.checks import used
from tfwrap.sources import sources
from tfwrap.sources.source import BLOCK, ENVIRONMENT, IMDS, NONE, SAVED_BACKEND, Source
from tfwrap.terraform import plan_file
from tfwrap.terraform.saved_backend import CREDENTIALS, SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tfwrap.failure.failure import Failure
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.sources.consumers import Consumer

# `with module.net.provider["registry.terraform.io/hashicorp/aws"].west,`; before 0.14 only the block's place is named.
_ADDRESS = re.compile(
    r'with (?P<module>(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*)provider\["[^"]*/aws"\](?:\.(?P<alias>[\w-]+))?'
)
_BLOCK = re.compile(r'on (?P<file>\S+) line (?P<line>\d+), in provider "aws"')
_INDEX = re.compile(r"\[[^\]]*\]")
# What goes before a profile, and would not if it were not there.
_KEYS_IN_ENVIRONMENT = (
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
)


def of(found: Failure, facts: Facts) -> list[Consumer]:
    """The consumers that the failure can be of: one where the diagnostic names it, more where it names a resource."""
    if found.scope in (*failure.OF_THE_BACKEND, failure.CLI):
        return [consumer for consumer in facts.consumers if consumer.is_backend]
    providers = [consumer for consumer in facts.consumers if not consumer.is_backend]
    return _named(found.message, providers) or providers


def _named(message: str, providers: list[Consumer]) -> list[Consumer]:
    if place := _BLOCK.search(message):
        where = f"{place['file']}:{place['line']}"
        at_place = [each for each in providers if each.location == where or each.location.endswith(f"/{where}")]
        if len(at_place) == 1:
            return at_place
    if address := _ADDRESS.search(message):
        alias = f".{address['alias']}" if address["alias"] else ""
        name = f"{_INDEX.sub('', address['module'])}provider.aws{alias}"
        return [consumer for consumer in providers if consumer.name == name]
    return []


def source(consumer: Consumer | None, found: Failure, facts: Facts) -> Source | None:
    """What the consumer used; for a saved plan with keys in it, those."""
    if found.scope not in (*failure.OF_THE_BACKEND, failure.CLI):
        return consumer.source if consumer else None
    chosen = facts.backend_source or (consumer.source if consumer else None)
    return planned(facts) or _as_refused(chosen, found, facts)


def _as_refused(chosen: Source | None, found: Failure, facts: Facts) -> Source | None:
    """What init saved, where by the rules there would be nothing and AWS has answered about a key all the same."""
    saved = facts.saved
    if chosen is None or chosen.kind != NONE or not isinstance(saved, SavedBackend) or not saved.access_key:
        return chosen
    if found.code not in CREDENTIAL_CODES:
        return chosen
    secret, token = (Secret(saved.text(name)) if saved.text(name) else None for name in CREDENTIALS[1:])
    return Source(SAVED_BACKEND, saved.place, saved.access_key, secret, token)


def planned(facts: Facts) -> Source | None:
    """The backend's keys in the plan file that was given; None where there are none."""
    path = facts.invocation.plan_file
    held = plan_file.read(path) if path else None
    if not path or held is None or not held.access_key:
        return None
    place = origin.place(path, directory=facts.invocation.shown_from)
    return Source(BLOCK, place, held.access_key, held.secret_key, held.token)


def other(consumer: Consumer | None, failed: Source | None, facts: Facts) -> Source | None:
    """What would be used were it not for what is saved, written into the block, or exported; None for nothing else."""
    if failed is None:
        return None
    is_backend = consumer is None or consumer.is_backend
    if is_backend and (failed.kind in (SAVED_BACKEND, BLOCK) or consumer is None):
        return facts.fresh_source
    if consumer is None or failed.kind not in (BLOCK, ENVIRONMENT):
        return None
    arguments = {name: value for name, value in consumer.arguments.items() if name not in CREDENTIALS}
    environ = used.environment(facts)
    if failed.kind == ENVIRONMENT:
        environ = {name: value for name, value in environ.items() if name not in _KEYS_IN_ENVIRONMENT}
    found = _chosen(consumer, arguments, environ, facts)
    is_nothing = found.kind in (NONE, IMDS) or found.same_credentials(failed)
    return None if is_nothing else found


def _chosen(consumer: Consumer, arguments: Mapping[str, object], environ: Mapping[str, str], facts: Facts) -> Source:
    choose = sources.backend if consumer.is_backend else sources.provider
    read = awsconfig.reader(environ, facts.invocation.working_directory)
    return choose(arguments, environ, read, consumer.rules)


def allowed_accounts(consumer: Consumer | None) -> Iterable[str]:
    """The accounts that the block allows; none where it says nothing, or only Terraform can tell."""
    listed = consumer.arguments.get("allowed_account_ids") if consumer else None
    items = listed if isinstance(listed, list) else []
    return [item for item in items if isinstance(item, str)]
