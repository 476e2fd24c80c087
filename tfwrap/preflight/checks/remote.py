"""5xx: runs that are carried out elsewhere (HCP Terraform, Scalr): the credentials live there."""

from __future__ import annotations

import os

from tfwrap.aws import config as awsconfig
from tfwrap.preflight.checks import used
from tfwrap.preflight.checks.finding import INFO, WARNING, Facts, Finding
from tfwrap.preflight.checks.used import quoted
from tfwrap.sources import sources
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.sources.consumers import Consumer

HCP = "app.terraform.io"
LARGEST = 1 << 20


def check(facts: Facts) -> Iterator[Finding]:
    """TFW507: information where the token for the host is at hand, a warning where it is not."""
    host = _host(facts)
    if not host:
        return
    environ = used.environment(facts)
    variable = _variable(host)
    told = f"{quoted(host)} keeps the state; unless its workspace runs locally, the AWS credentials are those set there"
    if _has_token(facts, host, environ):
        fix = (f"look at the variables of the workspace on {host}",)
        yield Finding("TFW507", "remote-execution", INFO, told, (), fix)
        return
    title = f"there is no token for {quoted(host)}, where this configuration keeps its state"
    evidence = (told, f"looked at {variable} and {', '.join(_shown(environ))}")
    yield Finding("TFW507", "remote-execution", WARNING, title, evidence, (f"terraform login {host}",))


def leaves_credentials(facts: Facts, consumer: Consumer) -> bool:
    """Whether a consumer without credentials here may have them where the run is carried out."""
    return bool(_host(facts)) and consumer.source.kind in (sources.NONE, sources.IMDS)


def paths(facts: Facts) -> list[str]:
    """The files that the check looks at."""
    return _files(used.environment(facts)) if _host(facts) else []


def _host(facts: Facts) -> str:
    """The host of a `cloud` block or of the backend "remote"; empty for neither, or where only Terraform knows it."""
    cloud, backend = facts.configuration.cloud, facts.configuration.backend
    block = cloud or (backend if backend and backend.labels[:1] == ("remote",) else None)
    if block is not None:
        named = block.arguments.get("hostname")
        fallback = used.environment(facts).get("TF_CLOUD_HOSTNAME") if cloud else ""
        return named if isinstance(named, str) else "" if named else fallback or HCP
    saved = facts.saved
    is_saved = isinstance(saved, SavedBackend) and saved.type in ("cloud", "remote")
    return (saved.text("hostname") or HCP) if isinstance(saved, SavedBackend) and is_saved else ""


def _variable(host: str) -> str:
    """TF_TOKEN_ and the host, dots as `_`, hyphens as `__` (terraform internal/command/cliconfig/credentials.go)."""
    return f"TF_TOKEN_{host.replace('-', '__').replace('.', '_')}"


def _has_token(facts: Facts, host: str, environ: Mapping[str, str]) -> bool:
    """True as well where a file names a helper, or cannot be understood: the token may be there."""
    variables = (_variable(host), f"TF_TOKEN_{host.replace('.', '_')}")
    blocks = (facts.configuration.cloud, facts.configuration.backend)
    if any(block is not None and block.arguments.get("token") for block in blocks):
        return True
    texts = (_text(path) for path in _files(environ))
    return any(map(environ.get, variables)) or any(host in text or "credentials_helper" in text for text in texts)


def _files(environ: Mapping[str, str]) -> list[str]:
    """Where `terraform login` writes, and the CLI configuration, which may hold a token or name a helper."""
    home = awsconfig.home_of(environ)
    own = os.path.join(home, ".terraform.d", "credentials.tfrc.json")
    named = environ.get("TF_CLI_CONFIG_FILE") or environ.get("TERRAFORM_CONFIG")
    config = [named] if named else [os.path.join(home, name) for name in (".terraformrc", ".tofurc")]
    return [own, *config]


def _shown(environ: Mapping[str, str]) -> list[str]:
    from tfwrap import origin

    home = awsconfig.home_of(environ)
    return [origin.place(path, home=home) for path in _files(environ)]


def _text(path: str) -> str:
    try:
        if not os.path.isfile(path):
            return ""
        with open(path, "rb", buffering=0) as file:
            return file.read(LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
