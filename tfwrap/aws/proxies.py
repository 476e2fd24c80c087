"""The proxy that Terraform takes to an address, by the rules of Go's HTTP client, which are not Python's.

A `https_proxy` argument of the block goes before the environment (aws-sdk-go-base httpclient.go); of the variables the
capital name goes first, loopback is never proxied, and NO_PROXY knows networks (golang.org/x/net/http/httpproxy).
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Address, IPv6Address


class Proxy(NamedTuple):
    """A proxy and what names it; its URL may hold a password."""

    name: str
    url: Secret


def select(url: str, arguments: Mapping[str, object], environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for a URL, None where the request goes out directly."""
    scheme, _, rest = url.partition("://")
    name = f"{scheme.lower()}_proxy"
    found = _setting(name, arguments, environ)
    host, port = _host_and_port(rest.partition("/")[0], scheme)
    if found is None or not host or _is_loopback(host):
        return None
    excluded = _setting("no_proxy", arguments, environ)
    if excluded and _is_excluded(host, port, excluded.url.reveal()):
        return None
    address = found.url.reveal()
    return Proxy(found.name, Secret(address if "://" in address else f"http://{address}"))


def _setting(name: str, arguments: Mapping[str, object], environ: Mapping[str, str]) -> Proxy | None:
    argument = arguments.get(name)
    if isinstance(argument, str) and argument:
        return Proxy(name, Secret(argument))
    chosen = next((variable for variable in (name.upper(), name) if environ.get(variable)), "")
    return Proxy(chosen, Secret(environ[chosen])) if chosen else None


def _host_and_port(authority: str, scheme: str) -> tuple[str, str]:
    address = authority.rpartition("@")[2]
    default = "443" if scheme.lower() == "https" else "80"
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        return host.lower(), rest.removeprefix(":") or default
    host, _, port = address.partition(":")
    return host.lower().rstrip("."), port or default


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or bool(address and address.is_loopback)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    import ipaddress

    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_excluded(host: str, port: str, text: str) -> bool:
    return any(_matches(host, port, entry.strip().lower()) for entry in text.split(",") if entry.strip())


def _matches(host: str, port: str, entry: str) -> bool:
    """`*`, a network, an address, `a.com` with its subdomains, `.a.com` for them alone; each with a port or not."""
    if entry == "*":
        return True
    address = _address(host)
    if "/" in entry:
        return bool(address and _is_in_network(address, entry))
    name, of_port = (entry, "") if _address(entry) else _host_and_port_of_entry(entry)
    if of_port and of_port != port:
        return False
    if address or _address(name):
        return _address(name) == address
    bare = name.removeprefix("*")
    return host.endswith(bare) if bare.startswith(".") else host == bare or host.endswith(f".{bare}")


def _host_and_port_of_entry(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, port = entry.partition(":")
    return host, port


def _is_in_network(address: IPv4Address | IPv6Address, entry: str) -> bool:
    import ipaddress

    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
