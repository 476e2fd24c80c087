"""Everything that can be known before the run, offline."""

from __future__ import annotations

from tfwrap import awsconfig, childenv, configuration, intent, memory, saved_backend, sources, versions
from tfwrap.checks.finding import Facts
from tfwrap.invocation import PROVIDERS
from tfwrap.saved_backend import CREDENTIALS, SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.configuration import Configuration
    from tfwrap.invocation import Invocation
    from tfwrap.settings import Settings
    from tfwrap.settings import Values

_FILE_ARGUMENTS = ("shared_credentials_file", "shared_credentials_files", "shared_config_files")


def facts(invocation: Invocation, environ: Mapping[str, str], real: str, layers: Sequence[Values] = ()) -> Facts:
    """Read the root module, what init saved and the shared AWS files, and work out whose credentials are used.

    `layers` are the settings, which say what profile and account are meant.
    """
    module = configuration.read(invocation.directory, invocation.program)
    meant = _intent(invocation, module, environ, layers)
    changes = childenv.changes(environ, meant)
    known = _facts(invocation, module, childenv.apply(environ, changes), real)
    return known._replace(environ=environ, changes=changes, intent=meant)


def asked(known: Facts, settings: Settings) -> Facts:
    """The facts with STS's answers about the consumers' keys."""
    return known


def until(known: Facts) -> float:
    """The Unix time until which the facts hold by themselves."""
    return memory.NEVER


def _intent(
    invocation: Invocation, module: Configuration, environ: Mapping[str, str], layers: Sequence[Values]
) -> intent.Intent:
    around = intent.Surroundings(
        invocation.directory,
        environ.get("HOME", ""),
        declared=((_declared_profile(module), "the backend's profile argument"),),
        aws_profile=environ.get("AWS_PROFILE", ""),
    )
    return intent.resolve(layers, around)


def _facts(invocation: Invocation, module: Configuration, environ: Mapping[str, str], real: str) -> Facts:
    saved = saved_backend.read(invocation.data_dir, invocation.shown_from)
    files = awsconfig.read(environ, invocation.working_directory)
    if not isinstance(saved, SavedBackend) or saved.type != "s3" or invocation.needs == PROVIDERS:
        return Facts(invocation, module, saved, files, None, None)
    declared = _declared_profile(module)
    version = versions.detect(real, environ) if _depends_on_version(saved, declared, environ) else versions.UNKNOWN
    fresh = sources.ambient(environ, files, declared, version)
    used = fresh if _sets_saved_aside(invocation) else sources.saved(saved, environ, files, version)
    if _names_files_of_its_own(saved, module):
        fresh = sources.Source(sources.NONE, detail="shared files that the backend names itself")
        used = used if used.kind == sources.SAVED_BACKEND else fresh
    return Facts(invocation, module, saved, files, used, fresh)


def paths(known: Facts, real: str) -> list[str]:
    """Every file that the facts rest on, for the memory of the decision."""
    invocation = known.invocation
    shared = awsconfig.paths(known.environ, invocation.working_directory)
    copy = saved_backend.copy_in(invocation.data_dir)
    return [*configuration.paths(invocation.directory, invocation.data_dir), *shared, copy, real]


def rests_on_version(known: Facts) -> bool:
    """Whether the facts would be others for another version of Terraform."""
    saved = known.saved
    if not isinstance(saved, SavedBackend) or known.backend_source is None:
        return False
    return _depends_on_version(saved, _declared_profile(known.configuration), known.environ)


def _names_files_of_its_own(saved: SavedBackend, module: Configuration) -> bool:
    """Whether the backend reads other shared files than the user's: which key it finds there is not known."""
    declared = module.backend.arguments if module.backend else {}
    return any(saved.config.get(name) or declared.get(name) for name in _FILE_ARGUMENTS)


def _sets_saved_aside(invocation: Invocation) -> bool:
    """`init -reconfigure` is the one command that does not use what an earlier init saved."""
    return invocation.command == "init" and invocation.has("reconfigure")


def _depends_on_version(saved: SavedBackend, declared: str, environ: Mapping[str, str]) -> bool:
    """Whether something is in play on which Terraforms disagree: to ask for the version takes 60 ms, once a binary."""
    half = any(saved.text(name) for name in CREDENTIALS) and not (saved.access_key and saved.text("secret_key"))
    named = saved.text("profile") or declared or (environ.get("AWS_PROFILE") and environ.get("AWS_ACCESS_KEY_ID"))
    variables = environ.get("AWS_DEFAULT_PROFILE") or environ.get("AWS_WEB_IDENTITY_TOKEN_FILE")
    return bool(half or named or variables)


def _declared_profile(module: Configuration) -> str:
    return module.backend.text("profile") if module.backend else ""
