"""Which proxy Go's client takes, by the table of golang.org/x/net/http/httpproxy and of aws-sdk-go-base."""

from __future__ import annotations

import pytest

from tfwrap.aws import proxies

STS = "https://sts.us-east-1.amazonaws.com"
P = {"HTTPS_PROXY": "http://p:3128"}

TAKEN = [
    ("the capital name", STS, {}, P, "HTTPS_PROXY", "http://p:3128"),
    ("the small one", STS, {}, {"https_proxy": "http://q"}, "https_proxy", "http://q"),
    ("the capital one first", STS, {}, {**P, "https_proxy": "http://q"}, "HTTPS_PROXY", "http://p:3128"),
    ("an empty one is none", STS, {}, {"HTTPS_PROXY": "", "https_proxy": "http://q"}, "https_proxy", "http://q"),
    ("without a scheme", STS, {}, {"HTTPS_PROXY": "p:3128"}, "HTTPS_PROXY", "http://p:3128"),
    ("for plain HTTP", "http://sts.example", {}, {"HTTP_PROXY": "http://h", **P}, "HTTP_PROXY", "http://h"),
    ("an argument of the block", STS, {"https_proxy": "http://b"}, P, "https_proxy", "http://b"),
    ("NO_PROXY for others", STS, {}, {**P, "NO_PROXY": "example.com,10.0.0.0/8"}, "HTTPS_PROXY", "http://p:3128"),
    ("NO_PROXY for a part of the name", STS, {}, {**P, "NO_PROXY": "zonaws.com"}, "HTTPS_PROXY", "http://p:3128"),
    ("NO_PROXY for another port", STS, {}, {**P, "NO_PROXY": "amazonaws.com:80"}, "HTTPS_PROXY", "http://p:3128"),
    ("NO_PROXY for subdomains", "https://a.com", {}, {**P, "NO_PROXY": ".a.com"}, "HTTPS_PROXY", "http://p:3128"),
    (
        "NO_PROXY of nonsense",
        "https://10.0.0.1",
        {},
        {**P, "NO_PROXY": "10.0.0.0/99, ,:"},
        "HTTPS_PROXY",
        "http://p:3128",
    ),
]
DIRECT = [
    ("nothing is set", STS, {}, {}),
    ("the other scheme's", STS, {}, {"HTTP_PROXY": "http://h"}),
    ("localhost", "https://localhost:4566", {}, P),
    ("loopback", "https://127.1.2.3", {}, P),
    ("loopback of the newer kind", "https://[::1]:4566/", {}, P),
    ("everything excluded", STS, {}, {**P, "NO_PROXY": "*"}),
    ("a domain", STS, {}, {**P, "no_proxy": "x.com, amazonaws.com"}),
    ("a domain with a dot", STS, {}, {**P, "NO_PROXY": ".amazonaws.com"}),
    ("a domain with a star", STS, {}, {**P, "NO_PROXY": "*.amazonaws.com"}),
    ("the host itself", "https://a.com", {}, {**P, "NO_PROXY": "A.com"}),
    ("with its port", STS, {}, {**P, "NO_PROXY": "amazonaws.com:443"}),
    ("a network", "https://10.1.2.3", {}, {**P, "NO_PROXY": "10.0.0.0/8"}),
    ("an address", "https://10.1.2.3", {}, {**P, "NO_PROXY": "10.1.2.3"}),
    ("an address of the newer kind", "https://[fd00::1]", {}, {**P, "NO_PROXY": "fd00::/8"}),
    ("excluded by the block", STS, {"no_proxy": "amazonaws.com"}, P),
    ("no URL", "nonsense", {}, P),
]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "block", "environ", "name", "address"), [pytest.param(*row[1:], id=row[0]) for row in TAKEN]
)
def test_it_is_taken(url: str, block: dict[str, object], environ: dict[str, str], name: str, address: str) -> None:
    found = proxies.select(url, block, environ)
    assert found
    assert (found.name, found.url.reveal()) == (name, address)
    assert address not in repr(found)


@pytest.mark.parametrize(("url", "block", "environ"), [pytest.param(*row[1:], id=row[0]) for row in DIRECT])
def test_it_is_not_taken(url: str, block: dict[str, object], environ: dict[str, str]) -> None:
    assert proxies.select(url, block, environ) is None
