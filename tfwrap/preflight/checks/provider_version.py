"""3xx: which AWS provider is locked, and whether anything says which one may be."""

from __future__ import annotations

import os

from tfwrap.preflight.checks.finding import INFO, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK_FILE = ".terraform.lock.hcl"
LARGEST = 1 << 20
# The first with the second AWS SDK for Go; the one before retries expired tokens for up to 51 minutes.
SECOND_SDK = 4
_BLOCK = r'(?m)^provider\s+"[^"]*/hashicorp/aws"\s*\{([^}]*)\}'
_VERSION = r'(?m)^\s*version\s*=\s*"(\d+)([^"]*)"'


def check(facts: Facts) -> Iterator[Finding]:
    """TFW309: information, for a provider before 4.0 and where no version is asked for. Many pin an old one on purpose,
    and what makes it dangerous, a session that has ended, is an error of its own.
    """
    import re

    locked = re.search(_BLOCK, _text(os.path.join(facts.invocation.working_directory, LOCK_FILE)))
    version = re.search(_VERSION, locked[1]) if locked else None
    if not locked or not version:
        return
    evidence = (f"{LOCK_FILE} locks hashicorp/aws {version[1]}{version[2]}",)
    if int(version[1][:9]) < SECOND_SDK:
        title = f"the AWS provider {version[1]}{version[2]} retries an expired token for up to 51 minutes"
        fix = ('raise its version (">= 4.0") in required_providers, then terraform init -upgrade',)
        yield Finding("TFW309", "provider-outdated", INFO, title, evidence, fix)
    elif "constraints" not in locked[1]:
        title = (
            "nothing says which versions of the AWS provider will do: any init -upgrade may bring the next major one"
        )
        fix = (f'version = "~> {version[1]}.0" for aws in required_providers',)
        yield Finding("TFW309", "provider-outdated", INFO, title, evidence, fix)


def _text(path: str) -> str:
    try:
        if not os.path.isfile(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LARGEST)
    except OSError:
        return ""
