"""The rules by version: whose code chooses the credentials of a consumer of some age, and how it differs.

From aws-sdk-go-base and the go.mod of each release; docs/sources.md has what was tried with which version.
"""

from __future__ import annotations

from tfwrap.aws import places as awsplaces
from tfwrap.lean import NamedTuple
from tfwrap.sources.chains import AT_LOADING, NEVER, WHEN_USED, Abilities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tfwrap.aws.places import Places


class Rules(NamedTuple):
    """How a consumer of some age chooses.

    `argument_first`: a profile argument beats the environment's keys. `places`: where the second SDK looks for files,
    `key_places`: where the first one looks for static keys.
    `session`: what else loads the environment's profile, and gives up where that is broken. `is_base_old`: it has
    aws-sdk-go-base 0.4, which reads the config file only where a profile argument or AWS_SDK_LOAD_CONFIG asks for it.
    """

    abilities: Abilities
    argument_first: bool
    places: Callable[[Mapping[str, object], Mapping[str, str]], Places] = awsplaces.backend_places
    key_places: Callable[[Mapping[str, object], Mapping[str, str]], Places] = awsplaces.static_key_places
    session: Abilities | None = None
    is_base_old: bool = False


_OLDEST = Abilities(is_first_sdk=True, sso=NEVER, knows_sso_session=False, knows_login=False)
_EARLY_SSO = Abilities(is_first_sdk=True, sso=AT_LOADING, knows_sso_session=False, knows_login=False)
_FIRST = Abilities(is_first_sdk=True, sso=WHEN_USED, knows_sso_session=False, knows_login=False)
_LAST_FIRST = Abilities(is_first_sdk=True, sso=WHEN_USED, knows_sso_session=True, knows_login=False)
_SECOND = Abilities(is_first_sdk=False, sso=WHEN_USED, knows_sso_session=True, knows_login=False)
_LATEST = Abilities(is_first_sdk=False, sso=WHEN_USED, knows_sso_session=True, knows_login=True)

# From which version on. 1.15 has the first SDK that knows `aws login`; 1.6 the second SDK, and use_legacy_workflow,
# which became false in 1.7; 0.15 an SDK with SSO, 1.1 a later one; 0.13 aws-sdk-go-base 0.6 instead of 0.4 (go.mod).
_OF_BACKEND = (
    ((1, 15), Rules(_LATEST, argument_first=True)),
    ((1, 7), Rules(_SECOND, argument_first=True)),
    ((1, 6), Rules(_SECOND, argument_first=False)),
    ((1, 1), Rules(_FIRST, argument_first=False)),
    ((0, 15), Rules(_EARLY_SSO, argument_first=False)),
    ((0, 13), Rules(_OLDEST, argument_first=False)),
    ((), Rules(_OLDEST, argument_first=False, key_places=awsplaces.verbatim_key_places, is_base_old=True)),
)
# Login sessions came to the SDK in November 2025; which 6.x has them was not tried. 4.x and 5.x have both SDKs: a
# session of the first one is made for the services that still need it, and loads AWS_PROFILE again (tried, 5.100.0).
_OF_PROVIDER = (
    ((6,), Rules(_LATEST, argument_first=True, places=awsplaces.provider_places)),
    ((4,), Rules(_SECOND, argument_first=True, places=awsplaces.provider_places, session=_LAST_FIRST)),
    ((3,), Rules(_FIRST, argument_first=False)),
    ((), Rules(_OLDEST, argument_first=False)),
)


def of_backend(version: tuple[int, ...]) -> Rules:
    """The rules of the S3 backend of this Terraform."""
    return _at(_OF_BACKEND, version)


def of_provider(version: tuple[int, ...]) -> Rules:
    """The rules of this AWS provider; an empty version counts as the newest."""
    return _at(_OF_PROVIDER, version or (99,))


def _at(table: tuple[tuple[tuple[int, ...], Rules], ...], version: tuple[int, ...]) -> Rules:
    return next(rules for since, rules in table if version >= since)
