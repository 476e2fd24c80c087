"""Where Terraform asks STS: the region that signs, a URL where one is configured, and the way there."""

from __future__ import annotations

from tfwrap.aws import proxies
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.proxies import Proxy


class Endpoint(NamedTuple):
    """`url` is empty where AWS's own of the region counts; `ca_bundle` is a file of certificates where one is named."""

    region: str
    url: str = ""
    proxy: Proxy | None = None
    ca_bundle: str = ""


def of(config: Mapping[str, object], environ: Mapping[str, str], of_profile: str = "") -> Endpoint:
    """Where Terraform asks STS: the block's own arguments first, then the environment's names, new and old.

    `of_profile` is the URL that the profile names, which comes last.
    """
    nested = config.get("endpoints")
    inner = nested if isinstance(nested, dict) else {}
    names = ("AWS_ENDPOINT_URL_STS", "AWS_STS_ENDPOINT", "AWS_ENDPOINT_URL")
    url = _first(inner.get("sts"), config.get("sts_endpoint"), *map(environ.get, names), of_profile)
    regions = (config.get("sts_region"), config.get("region"), environ.get("AWS_REGION"))
    region = _first(*regions, environ.get("AWS_DEFAULT_REGION")) or "us-east-1"
    proxy = proxies.select(url or f"https://sts.{region}.amazonaws.com", config, environ)
    certificates = _first(config.get("custom_ca_bundle"), environ.get("AWS_CA_BUNDLE"), environ.get("SSL_CERT_FILE"))
    return Endpoint(region, url, proxy, certificates)


def _first(*candidates: object) -> str:
    return next((text for text in candidates if isinstance(text, str) and text), "")
