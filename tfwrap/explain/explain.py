"""The page of a finding, a cause or a code."""

from __future__ import annotations

from importlib import resources

from tfwrap.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# tfwrap's own codes, for what AWS gave none (catalogue.py), and the cause whose page tells about each.
OWN_CODES: Mapping[str, str] = {
    "AccountNotAllowed": "account-not-allowed",
    "AccountUnknown": "no-credentials",
    "BackendChanged": "backend-changed",
    "CannotAssumeRole": "assume-role-denied",
    "ContainerCredentialsError": "container-credentials",
    "EmptyResult": "hidden-s3-status",
    "InvalidHeaderValue": "damaged-credentials",
    "LockHeld": "state-left-behind",
    "LockNotReleased": "state-left-behind",
    "LoginTokenMissing": "sso-login-required",
    "MFARequired": "mfa-required",
    "MissingRegion": "TFW212",
    "NoCredentialSources": "no-credentials",
    "PartialCredentials": "profile-incomplete",
    "ProcessProviderError": "credential-process-failed",
    "ProfileNotFound": "profile-not-found",
    "ProfileOverridesEnvironment": "profile-incomplete",
    "SSOConfigurationIncomplete": "profile-incomplete",
    "SSOSessionNotFound": "profile-incomplete",
    "SSOTokenExpired": "sso-login-required",
    "SSOTokenMissing": "sso-login-required",
    "SavedBackendUnreadable": "backend-changed",
    "SourceProfileNotFound": "profile-not-found",
    "StateNotSaved": "state-left-behind",
    "StaticCredentialsEmpty": "partial-credentials",
    "WebIdentityRoleMissing": "web-identity-invalid",
    "WebIdentityTokenUnreadable": "web-identity-invalid",
}


def page(name: str) -> str:
    """The page of a finding's id or slug, a cause, or a code, as Markdown. Raises BadInput with close matches."""
    names = page_names()
    wanted = _spelled(name, names) or _by_slug(name, names) or _spelled(_own_code(name), names)
    wanted = wanted or _by_slug(_own_code(name), names)
    if wanted is None:
        from difflib import get_close_matches

        close = ", ".join(get_close_matches(name, names, n=3, cutoff=0.4)) or ", ".join(names)
        raise BadInput(f"there is no page for {name!r}; try one of: {close}")
    return _read(wanted)


def page_names() -> list[str]:
    """The names of all pages, sorted."""
    files = resources.files("tfwrap.pages").iterdir()
    return sorted(file.name.removesuffix(".md") for file in files if file.name.endswith(".md"))


def _spelled(name: str, names: Iterable[str]) -> str | None:
    return {known.lower(): known for known in names}.get(name.lower())


def _own_code(name: str) -> str:
    return {code.lower(): cause for code, cause in OWN_CODES.items()}.get(name.lower(), "")


def _by_slug(name: str, names: list[str]) -> str | None:
    """A finding's page begins `# TFW301 saved-backend-credentials`."""
    if not name:
        return None
    return next((known for known in names if _read(known).partition("\n")[0].endswith(f" {name.lower()}")), None)


def _read(name: str) -> str:
    return resources.files("tfwrap.pages").joinpath(f"{name}.md").read_text(encoding="utf-8")
