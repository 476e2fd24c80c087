"""Who uses AWS credentials in a run, and which: the backend, and every AWS provider configuration."""

from __future__ import annotations

from tfwrap.aws import config as awsconfig
from tfwrap.aws import endpoint
from tfwrap.lean import NamedTuple
from tfwrap.sources import precedence, profile_endpoint, sources
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.config import AwsFiles
    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.sources.asked import Reader
    from tfwrap.sources.sources import Source
    from tfwrap.terraform.evaluation import Provider

BACKEND = "backend.s3"
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")


class Consumer(NamedTuple):
    """One user of credentials.

    `name` is "backend.s3", "provider.aws", "provider.aws.ALIAS" or "module.NAME.provider.aws"; `arguments` are what
    its block says, evaluated, UNKNOWN where only Terraform can evaluate it (for the backend: the saved ones where init
    has saved any). `rules` is the version whose rules chose the source: Terraform's for the backend, the provider's
    for a provider. `region` is empty where none is known; `endpoint` is where it asks STS.
    """

    name: str
    location: str
    arguments: Mapping[str, object]
    source: Source
    rules: tuple[int, ...]
    region: str
    endpoint: Endpoint

    @property
    def is_backend(self) -> bool:
        """Whether this is the backend, which Terraform configures before any provider."""
        return self.name == BACKEND

    @property
    def asks_sts(self) -> bool:
        """Whether it would ask STS, or names one. Keys for something that only speaks like S3 are not shown to AWS."""
        skips = ("skip_credentials_validation", "skip_requesting_account_id")
        return bool(self.endpoint.url) or not all(self.arguments.get(name) in (True, "true", UNKNOWN) for name in skips)


class World(NamedTuple):
    """What consumers are chosen by: the environment that Terraform gets, and how its shared files are read."""

    environ: Mapping[str, str]
    read: Reader


def of_backend(
    arguments: Mapping[str, object], source: Source, location: str, version: tuple[int, ...], world: World
) -> Consumer:
    """The S3 backend. The region of a profile does not count for it (`Missing region value`; tried with 1.11.4)."""
    region = _region(arguments, world.environ)
    of_profile = profile_endpoint.url(arguments, world.environ, world.read, precedence.of_backend(version))
    where = endpoint.of(arguments, world.environ, of_profile)
    return Consumer(BACKEND, location, arguments, source, version, region, where)


def of_provider(provider: Provider, version: tuple[int, ...], world: World) -> Consumer:
    """An AWS provider configuration."""
    source = sources.provider(
        provider.arguments, world.environ, world.read, version, provider.location or provider.name
    )
    region = _region(provider.arguments, world.environ) or _region_of_profile(source, provider, world)
    of_profile = profile_endpoint.url(provider.arguments, world.environ, world.read, precedence.of_provider(version))
    where = endpoint.of({"region": region, **provider.arguments}, world.environ, of_profile)
    return Consumer(provider.name, provider.location, provider.arguments, source, version, region, where)


def _region(arguments: Mapping[str, object], environ: Mapping[str, str]) -> str:
    """The region that a block or a variable names; empty where only Terraform can tell."""
    if arguments.get("region") is UNKNOWN:
        return ""
    found = (arguments.get("region"), *map(environ.get, _REGIONS))
    return next((text for text in found if isinstance(text, str) and text), "")


def _region_of_profile(source: Source, provider: Provider, world: World) -> str:
    files: AwsFiles = world.read(awsconfig.provider_places(provider.arguments, world.environ))
    profile = files.profiles.get(source.profile)
    is_told = provider.arguments.get("region") is UNKNOWN
    return profile.get("region") if profile and not is_told else ""
