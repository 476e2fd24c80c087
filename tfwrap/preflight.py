"""Everything that can be known before the run, offline."""

from __future__ import annotations

from tfwrap import awsconfig, configuration, saved_backend, sources, versions
from tfwrap.checks.finding import Facts
from tfwrap.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.configuration import Configuration
    from tfwrap.invocation import Invocation


def facts(invocation: Invocation, environ: Mapping[str, str], real: str) -> Facts:
    """Read the root module, what init saved and the shared AWS files, and work out the backend's credentials."""
    module = configuration.read(invocation.directory)
    saved = saved_backend.read(invocation.data_dir, invocation.shown_from)
    files = awsconfig.read(environ)
    if not isinstance(saved, SavedBackend) or saved.type != "s3":
        return Facts(invocation, module, saved, files, None, None)
    version = versions.detect(real, environ) if saved.text("profile") else versions.UNKNOWN
    fresh = sources.ambient(environ, files, _declared_profile(module), version)
    used = fresh if _sets_saved_aside(invocation) else sources.saved(saved, environ, files, version)
    return Facts(invocation, module, saved, files, used, fresh)


def _sets_saved_aside(invocation: Invocation) -> bool:
    """`init -reconfigure` is the one command that does not use what an earlier init saved."""
    return invocation.command == "init" and invocation.has("reconfigure")


def _declared_profile(module: Configuration) -> str:
    return module.backend.text("profile") if module.backend else ""
