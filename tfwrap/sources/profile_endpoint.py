"""Where a profile sends requests to STS: its `endpoint_url`, or that of its `services`.

Only the second SDK knows these. They count for whoever loads the profile, whosever keys it then uses, and come after
every variable (1.11.4 and 5.100.0, tried).
"""

from __future__ import annotations

from tfwrap.sources import chosen_profile
from tfwrap.sources.asked import Asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.config import AwsFiles
    from tfwrap.sources.asked import Reader
    from tfwrap.sources.precedence import Rules

_IGNORED = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


def url(arguments: Mapping[str, object], environ: Mapping[str, str], read: Reader, rules: Rules) -> str:
    """The URL that the profile of this block and environment names; empty where it names none."""
    if rules.abilities.is_first_sdk or environ.get(_IGNORED, "").lower() == "true":
        return ""
    files: AwsFiles = read(rules.places(arguments, environ))
    name, _ = chosen_profile.chosen(Asked(arguments, environ, read, rules, "", ""))
    profile = files.profiles.get(name)
    if profile is None or profile.get(_IGNORED.lower().removeprefix("aws_")).lower() == "true":
        return ""
    services = files.services.get(profile.get("services"), {})
    return services.get("sts.endpoint_url") or profile.get("endpoint_url")
