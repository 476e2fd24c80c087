"""Who uses AWS credentials in a run: the backend, and every AWS provider configuration."""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.identity import Endpoint
    from tfwrap.sources import Source

BACKEND = "backend.s3"


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
