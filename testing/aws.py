"""AWS under its own names: a proxy that opens TLS, with a CA of its own, and leads every host of AWS's to the stand.

So nothing in an environment or a module has to name an endpoint, which would switch off what it is to try.
"""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from testing import jsonserver, sso
from tfwrap.stand.listener import Handler, Listener

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tfwrap.stand.server import Stand

_PORTAL = "portal.sso."


class Aws(NamedTuple):
    """The proxy's URL, the file of its certificate, and the SSO portal behind it."""

    url: str
    certificate: Path
    portal: sso.Sso

    def environment(self) -> dict[str, str]:
        """The variables of a company whose proxy opens TLS: the Go SDKs and botocore take this way to AWS."""
        return {"HTTPS_PROXY": self.url, "NO_PROXY": "127.0.0.1,localhost", "AWS_CA_BUNDLE": str(self.certificate)}


@contextmanager
def start(stand: Stand, folder: Path) -> Iterator[Aws]:
    """AWS for the length of a `with`; `folder` gets the certificates."""
    folder.mkdir()
    authority = _Authority(folder)
    proxy = _Proxy(stand, authority)
    try:
        yield Aws(f"http://127.0.0.1:{proxy.server_port}", authority.certificate, proxy.portal)
    finally:
        proxy.end()


class _Authority:
    """Vouches for any host that it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "ca.pem"
        self._folder = folder
        self._lock = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._key, self._leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self._name = _named("made up by the tests")
        limits = x509.BasicConstraints(ca=True, path_length=0)
        own = self._builder(self._name, self._key).add_extension(limits, critical=True)
        self.certificate.write_bytes(self._signed(own))

    def context(self, host: str) -> ssl.SSLContext:
        """How a server is this host."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._made(host)
            return self._contexts[host]

    def _made(self, host: str) -> ssl.SSLContext:
        path = self._folder / f"{host}.pem"
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        leaf = self._builder(_named("a host"), self._leaf_key).add_extension(names, critical=False)
        private = self._leaf_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(self._signed(leaf) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


class _Door(Handler):
    """A connection to the proxy: first CONNECT, then what is said behind it."""

    def do_CONNECT(self) -> None:  # noqa: N802 - http.server's own name
        """Be the host that is asked for."""
        host = self.path.rpartition(":")[0]
        self.send_response(200)
        self.end_headers()
        context = cast(_Proxy, self.server).authority.context(host)
        self.connection = self.request = context.wrap_socket(self.connection, server_side=True)
        self.rfile.close()
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def finish(self) -> None:
        """Close what TLS was put around, too."""
        super().finish()
        self.connection.close()

    def reply(self) -> None:
        """Answer as the stand does, or as the portal of SSO."""
        if self.headers.get("Host", "").startswith(_PORTAL):
            self._reply_as_portal()
        else:
            super().reply()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = reply  # noqa: N815 - http.server's names

    def _reply_as_portal(self) -> None:
        place = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        portal = cast(_Proxy, self.server).portal
        answer = portal.answer(jsonserver.Call(self.command, place.path, place.query, headers, {}))
        body = jsonserver.encoded(answer)
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Proxy(Listener):
    def __init__(self, stand: Stand, authority: _Authority) -> None:
        self.authority = authority
        self.portal = sso.Sso(stand.keys, stand.clock)
        super().__init__(stand._gate)
        self.RequestHandlerClass: Any = _Door
