"""2xx: profiles whose credentials somebody else makes: SSO, a role with MFA, a credential process."""

from __future__ import annotations

import os

from tfwrap import origin
from tfwrap.aws import config as awsconfig
from tfwrap.aws import ssocache
from tfwrap.preflight.checks import bridged, used
from tfwrap.preflight.checks.finding import ERROR, INFO, Facts, Finding
from tfwrap.preflight.checks.used import quoted
from tfwrap.sources.profiles import Broken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.aws.config import Profile
    from tfwrap.preflight.checks.used import Use
    from tfwrap.sources.profiles import Link

# The shell's own words: what begins with one of them need not be a program (POSIX, "Special Built-In Utilities").
_SHELL_WORDS = frozenset(
    """. : [ alias bg break case cd command continue echo eval exec exit export false fc fg for function getopts hash if
    jobs kill let printf pwd read readonly return set shift source test time times trap true type ulimit umask unalias
    unset until wait while { ! (""".split()  # noqa: SIM905 - a list of forty quoted words says no more
)
# With any of these in it a command line is more than one program and its arguments.
_SHELL_SIGNS = frozenset("|&;<>()$`\\\"'*?[]#=%\n{}")


def check(facts: Facts) -> Iterator[Finding]:
    """TFW207, TFW209 and TFW210."""
    for use, links in _chains(facts):
        last = links[-1].profile
        yield from _sso_login(facts, use, last)
        yield from _mfa(facts, use, links)
        yield from _process(facts, use, last)


def paths(facts: Facts) -> list[str]:
    """The files that the checks look at: cached SSO tokens, and where a credential process may be."""
    environ, found = used.environment(facts), []
    for _, links in _chains(facts):
        last = links[-1].profile
        if name := _session_name(last):
            found.append(ssocache.path(name, awsconfig.home_of(environ)))
        found += _candidates(_program(last), environ, facts.invocation.working_directory)
    return found


def ends(facts: Facts) -> list[float]:
    """When the cached SSO sessions of this run end."""
    home = awsconfig.home_of(used.environment(facts))
    return [_end(links[-1].profile, home) for _, links in _chains(facts) if _session_name(links[-1].profile)]


def _chains(facts: Facts) -> Iterator[tuple[Use, list[Link]]]:
    """The profiles that credentials are to come from, with what they rest on."""
    for use in used.uses(facts):
        links = used.chain(facts, use)
        if use.is_source and not isinstance(links, Broken):
            yield use, links


# TFW207


def _sso_login(facts: Facts, use: Use, profile: Profile) -> Iterator[Finding]:
    """The first SDK has no sso_session at all: there a login would not help."""
    name = _session_name(profile)
    if not name or (profile.get("sso_session") and not use.is_strict):
        return
    home = awsconfig.home_of(used.environment(facts))
    is_kept = ssocache.is_kept(name, home)
    if is_kept and facts.now < _end(profile, home):
        return
    why = "the SSO session has expired" if is_kept else "nobody has logged in"
    title = f"profile {quoted(use.profile)} needs a login: {why}"
    evidence = (f"looked at {origin.place(ssocache.path(name, home), home=home)}, for {use.who}",)
    yield Finding("TFW207", "sso-login-required", ERROR, title, evidence, (_login(profile),))


def _session_name(profile: Profile) -> str:
    """What the token is kept by, empty where the profile gets its credentials otherwise."""
    if profile.has_keys or any(map(profile.get, ("credential_source", "web_identity_token_file"))):
        return ""
    return profile.get("sso_session").strip() or profile.get("sso_start_url")


def _end(profile: Profile, home: str) -> float:
    return ssocache.expires(_session_name(profile), home, is_refreshable=profile.get("sso_session"))


def _login(profile: Profile) -> str:
    import shlex

    if session := profile.get("sso_session"):
        return f"aws sso login --sso-session {shlex.quote(session)}"
    return f"aws sso login --profile {shlex.quote(profile.name)}"


# TFW209


def _mfa(facts: Facts, use: Use, links: list[Link]) -> Iterator[Finding]:
    """Terraform has nobody to ask: it stops (tried with 1.0.3, 1.11.4 and 1.15.5). Without a role nothing is asked."""
    asking = (link.profile for link in links if link.is_role and link.profile.get("role_arn"))
    profile = next((profile for profile in asking if profile.get("mfa_serial")), None)
    if profile is None:
        return
    subject = f"profile {quoted(profile.name)} assumes its role with MFA"
    evidence = (f"mfa_serial in {profile.locations['mfa_serial']}, for {use.who}",)
    why_not = bridged.why_not(facts, use.profile)
    if why_not == "":
        title = f"{subject}: tfwrap asks for the code, and makes its credentials for Terraform"
        yield Finding("TFW209", "mfa-profile", INFO, title, evidence)
        return
    more = f", and tfwrap cannot make its credentials: {why_not}" if why_not else ""
    title = f"{subject}: Terraform cannot ask for the code{more}"
    yield Finding("TFW209", "mfa-profile", ERROR, title, evidence, (_mfa_fix(use),))


def _mfa_fix(use: Use) -> str:
    import shlex

    name = shlex.quote(use.profile)
    return f'eval "$(aws configure export-credentials --profile {name} --format env)" and unset AWS_PROFILE'


# TFW210


def _process(facts: Facts, use: Use, profile: Profile) -> Iterator[Finding]:
    """The SDK hands the line to `sh -c` (processcreds); on Windows to cmd.exe, which finds programs its own way."""
    program, environ = _program(profile), used.environment(facts)
    if not program or os.name != "posix" or any(map(_runs, _looked_at(program, environ, facts))):
        return
    place = _looked_at(program, environ, facts)[0] if "/" in program else "PATH"
    is_there = "/" in program and os.path.exists(place)
    what = "cannot be executed" if is_there else "is not there" if "/" in program else "is not on PATH"
    title = f"credential_process of profile {quoted(profile.name)}: {program} {what}"
    evidence = (f"set in {profile.locations['credential_process']}, for {use.who}",)
    fix = f"chmod +x {program}" if is_there else f"install {program}, or write its whole path into credential_process"
    yield Finding("TFW210", "credential-process-missing", ERROR, title, evidence, (fix,))


def _program(profile: Profile) -> str:
    """The program of a credential process, empty where only a shell can tell."""
    if profile.has_keys or _session_name(profile):
        return ""
    line = profile.get("credential_process").strip()
    word = line.split(" ", 1)[0].split("\t", 1)[0]
    is_plain = not _SHELL_SIGNS & set(line) and word not in _SHELL_WORDS and not word.startswith("~")
    return word if is_plain else ""


def _looked_at(program: str, environ: Mapping[str, str], facts: Facts) -> list[str]:
    return _candidates(program, environ, facts.invocation.working_directory) or [program]


def _candidates(program: str, environ: Mapping[str, str], directory: str) -> list[str]:
    if "/" in program:
        return [os.path.join(directory, program)]
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    return [os.path.join(directory, folder, program) for folder in folders] if program else []


def _runs(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
