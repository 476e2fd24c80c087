"""New credentials from where the failing ones came from, as a remedy."""

from __future__ import annotations

import shlex

from tfwrap.diagnosis.case import INSTRUCT, REFRESH, Remedy
from tfwrap.diagnosis.causes import slugs
from tfwrap.identity.question import Answer
from tfwrap.lean import NamedTuple
from tfwrap.preflight import childenv, preflight
from tfwrap.recovery import condition, gate, refresh
from tfwrap.recovery.action import Applied
from tfwrap.recovery.condition import Condition
from tfwrap.resolving import resolving
from tfwrap.sources.source import NONE, PROFILE, STATIC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.diagnosis.case import Diagnosis
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.preflight.childenv import Change
    from tfwrap.recovery.condition import Outcome, Request
    from tfwrap.recovery.refresh import Credentials, Need, Refresher, Result
    from tfwrap.run import Run
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.source import Source

# The causes that new credentials from the same source cure.
CURED = (
    slugs.CREDENTIAL_PROCESS_FAILED,
    slugs.EXPIRED_SESSION,
    slugs.MFA_REQUIRED,
    slugs.SSO_LOGIN_REQUIRED,
    slugs.UNKNOWN_ACCESS_KEY,
    slugs.WEB_IDENTITY_INVALID,
)
LIMIT_S = 15.0
RULE = "refreshed"
_COMMAND = "tfwrap refresh "
_DROPPED = ("AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION")


class Refresh(NamedTuple):
    """A source that can be renewed, who renews it, what STS said of it before, and the gate's answers."""

    need: Need
    refresher: Refresher
    consumer: Consumer
    before: Answer
    outcomes: tuple[Outcome, ...]
    kind: str = REFRESH
    choice: str = "refresh and retry"
    command: str = ""

    @property
    def question(self) -> str:
        """What the user is asked."""
        return f"Refresh ({self.refresher.describe()}), then run your command again?"

    @property
    def announcement(self) -> str:
        """What is said when it is done unasked."""
        return f"refreshing ({self.refresher.describe()}) and running again"

    def apply(self, run: Run) -> Applied:
        """Refresh, have STS confirm the new identity, and work out what Terraform's environment has to hold."""
        console = refresh.Console(run.output, run.may_ask, run.environ)
        result = refresh.run(self.refresher, console)
        if not result.done:
            return Applied(done=False, said=f"tried to refresh, and nothing was changed: {result.message}")
        verdict = refresh.confirm(result, self.need, self.before, run.facts.intent.account, self._again(run, result))
        if not refresh.accept(verdict, console):
            return Applied(done=False, said=f"refreshed, and not used: {verdict.message}")
        changes = handed_over(result, self.need.source)
        if objection := self._mixes_up(run, changes):
            return Applied(done=False, said=f"refreshed, and not used: {objection}")
        return Applied(done=True, said=f"refreshed ({self.refresher.describe()}): {verdict.message}", changes=changes)

    def _again(self, run: Run, result: Result) -> Source | None:
        """The source, read again, where the new keys are not at hand."""
        if result.credentials:
            return None
        consumer = named(self.consumer.name, _facts(run, ()))
        if consumer is None:
            return None
        if not resolving.is_needed(consumer):
            return consumer.source
        made = resolving.resolve(consumer, run.child_environment, LIMIT_S)
        return None if isinstance(made, Answer) else made

    def _mixes_up(self, run: Run, changes: tuple[Change, ...]) -> str:
        """Why keys in the environment would not do: their consumer does not take them, or another one would."""
        if not changes:
            return ""
        new = {change.name: change.value for change in changes}["AWS_ACCESS_KEY_ID"]
        before = {consumer.name: consumer.source for consumer in run.facts.consumers}
        for consumer in _facts(run, changes).consumers:
            takes, was = consumer.source.access_key == new, before[consumer.name]
            if consumer.name == self.consumer.name and not takes:
                return f"{consumer.name} does not take them from the environment"
            if takes and was.profile != self.need.name and was.kind != self.need.source.kind:
                return f"{consumer.name} would use them, too, and uses {was.describe()}"
        return ""


def propose(run: Run, request: Request) -> Refresh | None:
    """The action, where somebody knows how to make the failing credentials new."""
    consumer, source = request.case.consumer, request.case.source
    if consumer is None or source is None:
        return None
    need = of(run, consumer, source)
    refresher = refresh.choose(need)
    if refresher is None:
        return None
    conditions = (Condition("a refresh cures the cause", _cause), *gate.RETRY, _person(run, refresher))
    return Refresh(need, refresher, consumer, request.case.used, condition.outcomes(conditions, request))


def feasible(run: Run, request: Request) -> Diagnosis:
    """The diagnosis, which sends nobody to `tfwrap refresh` for keys that are written down and that nothing makes."""
    case, found = request.case, request.diagnosis
    consumer, source = case.consumer, case.source
    if consumer is None or source is None or (source.kind, source.how) != (PROFILE, STATIC):
        return found
    if refresh.choose(of(run, consumer, source)):
        return found
    remedies = (_by_hand(source) if each.command.startswith(_COMMAND) else each for each in found.remedies)
    return found._replace(remedies=tuple(remedies))


def _by_hand(source: Source) -> Remedy:
    if source.token:
        return Remedy(
            INSTRUCT, "", f"get a new session from where this one came from, and write it into {source.location}"
        )
    does = "writes another key into the profile: nothing makes this one new by itself"
    return Remedy(INSTRUCT, f"aws configure --profile {shlex.quote(source.profile)}", does)


def of(run: Run, consumer: Consumer, source: Source) -> Need:
    """What has to be refreshed for a consumer whose source is this one."""
    name = source.profile or run.facts.intent.profile
    values = {key: value for layer in reversed(run.settings.layers) for key, value in layer.items()}
    settings = refresh.configured(values).get(name, {})
    return refresh.Need(source, name, run.facts.files, run.child_environment, consumer.endpoint, settings)


def handed_over(result: Result, source: Source) -> tuple[Change, ...]:
    """What Terraform's environment has to hold: nothing where it finds the new credentials by itself, and renews them.

    A source that Terraform cannot use (an sso-session before 1.6) it does not find, wherever they are.
    """
    finds_them = result.is_in_place and source.kind != NONE
    return environment(result.credentials) if result.credentials and not finds_them else ()


def environment(credentials: Credentials) -> tuple[Change, ...]:
    """The changes that hand keys to Terraform by its environment."""
    why = "made new by a refresh"
    values: Mapping[str, str | None] = {
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key.reveal(),
        "AWS_SESSION_TOKEN": credentials.token.reveal() if credentials.token else None,
        **dict.fromkeys(_DROPPED),
    }
    return tuple(childenv.Change(name, value, why, RULE) for name, value in values.items())


def named(name: str, facts: Facts) -> Consumer | None:
    """The consumer of that name."""
    return next((consumer for consumer in facts.consumers if consumer.name == name), None)


def _facts(run: Run, changes: tuple[Change, ...]) -> Facts:
    environ = childenv.apply(run.environ, changes)
    return preflight.facts(run.invocation, environ, run.real.path, run.settings.layers)


def _cause(request: Request) -> str:
    cause = request.diagnosis.cause
    return "" if cause in CURED else f"a refresh does not cure {cause}"


def _person(run: Run, refresher: Refresher) -> Condition:
    needs = refresher.is_interactive and not run.may_ask
    why = "it needs a person at a terminal" if needs else ""
    return Condition("nobody has to be asked, or somebody is there", lambda _: why)
