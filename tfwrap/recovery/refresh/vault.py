"""HashiCorp Vault: new credentials of the AWS engine, or those that lie in a KV store, by hvac."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tfwrap import userdirs
from tfwrap.aws import keynames
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret
from tfwrap.recovery.refresh import propagation
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed, Result
from tfwrap.settings import vaultpath
from tfwrap.settings.vaultpath import CREDS, KV, VaultPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal

TIMEOUT_S = 20  # the AWS engine makes an IAM user in that time
TOKEN_FILE = ".vault-token"  # noqa: S105 - where `vault login` puts it, below the home
LARGEST = 1 << 14


class Vault(NamedTuple):
    """A profile for which the user's settings name a path in Vault."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether there is such a setting."""
        return isinstance(need.settings.get("vault"), str)

    @property
    def is_interactive(self) -> bool:
        """Nobody is asked: the token is there, or it is not."""
        return False

    def describe(self) -> str:
        """What is going to be done."""
        return f"read {self.need.settings.get('vault')} from Vault"

    def run(self, terminal: Terminal) -> Result:
        """Read the path; a new IAM user's key is tried until AWS knows it. Raises NotRefreshed."""
        path = vaultpath.parse(str(self.need.settings.get("vault")))
        if path is None:
            raise NotRefreshed(f"[refresh.{self.need.name}] vault must be {vaultpath.FORMS}")
        made = _read(_client(terminal.environ), path, terminal.now())
        if path.kind == CREDS and not made.token:
            propagation.wait(made, self.need.where, terminal)
        return Result(True, made, f"read {path} from Vault")


def _client(environ: Mapping[str, str]) -> Any:
    try:
        import hvac
    except ImportError:
        raise NotRefreshed("Vault needs hvac: pip install 'tfwrap-shim[vault]'") from None
    address = environ.get("VAULT_ADDR", "")
    if not address:
        raise NotRefreshed("VAULT_ADDR is not set: it names the Vault to ask")
    return hvac.Client(
        url=address,
        token=_token(environ),
        namespace=environ.get("VAULT_NAMESPACE") or None,
        verify=environ.get("VAULT_CACERT") or environ.get("VAULT_CAPATH") or True,
        timeout=TIMEOUT_S,
        allow_redirects=False,  # requests would take the token along to wherever it is sent
    )


def _token(environ: Mapping[str, str]) -> str:
    """VAULT_TOKEN, else what `vault login` left, as the Vault CLI has it."""
    if token := environ.get("VAULT_TOKEN", "").strip():
        return token
    path = os.path.join(userdirs.home(environ) or os.path.expanduser("~"), TOKEN_FILE)
    try:
        with open(path, encoding="ascii", errors="strict") as file:
            if token := file.read(LARGEST).strip():
                return token
    except (OSError, ValueError):
        pass
    raise NotRefreshed("there is no Vault token (VAULT_TOKEN, ~/.vault-token): vault login")


def _read(client: Any, path: VaultPath, now: float) -> Credentials:
    """The credentials at a path. Nothing of what Vault holds is repeated in what is raised."""
    with _asking(client, path):
        if path.kind == KV:
            answer = client.secrets.kv.v2.read_secret_version(
                path.name, mount_point=path.mount, raise_on_deleted_version=True
            )
        else:
            answer = client.secrets.aws.generate_credentials(path.name, endpoint=path.kind, mount_point=path.mount)
    return _credentials(answer, path, now)


def _credentials(answer: object, path: VaultPath, now: float) -> Credentials:
    if not isinstance(answer, dict):  # hvac hands on what is no 200 as it came
        raise NotRefreshed("what answers at VAULT_ADDR sends elsewhere: set it to the active Vault's address")
    data = _inner(answer, "data")
    values = _inner(data, "data") if path.kind == KV else data
    found = keynames.found(values)
    for what in (keynames.ACCESS_KEY, keynames.SECRET_KEY):
        if not found[what]:
            raise NotRefreshed(f"{path} in Vault holds no {what} (looked for {', '.join(keynames.NAMES[what])})")
    texts = {what: value for what, value in found.items() if isinstance(value, str) and value.isprintable()}
    if texts != found:
        raise NotRefreshed(f"a key in {path} in Vault is no text of one line")
    # A lease is the AWS engine's: what lies in KV has none, and lease_duration 0.
    lease_s = answer.get("lease_duration") if path.kind != KV else 0
    expires = now + lease_s if isinstance(lease_s, int) and lease_s > 0 else 0
    token = Secret(texts[keynames.TOKEN]) if texts[keynames.TOKEN] else None
    return Credentials(texts[keynames.ACCESS_KEY], Secret(texts[keynames.SECRET_KEY]), token, expires)


def _inner(document: object, name: str) -> Mapping[str, Any]:
    inner = document.get(name) if isinstance(document, dict) else None
    return inner if isinstance(inner, dict) else {}


@contextmanager
def _asking(client: Any, path: VaultPath) -> Iterator[None]:
    """Turns whatever hvac raises into NotRefreshed."""
    import hvac.exceptions as known
    import requests

    try:
        yield
    except known.Forbidden:
        raise NotRefreshed(_why_forbidden(client, path)) from None
    except known.InvalidPath:
        raise NotRefreshed(f"Vault has nothing at {path}") from None
    except known.VaultError as error:
        raise NotRefreshed(f"Vault answers {type(error).__name__} to {path}") from None
    except (requests.RequestException, ValueError, OSError) as error:
        raise NotRefreshed(f"Vault could not be asked ({type(error).__name__})") from None


def _why_forbidden(client: Any, path: VaultPath) -> str:
    """Vault says "permission denied" to a token that has ended and to a policy alike; the token knows which."""
    import hvac.exceptions as known
    import requests

    try:
        client.auth.token.lookup_self()
    except (known.VaultError, requests.RequestException, ValueError, OSError):
        return "Vault does not accept the token, it has probably expired: vault login"
    return f"the token is good, but its policies do not allow to read {path}"
