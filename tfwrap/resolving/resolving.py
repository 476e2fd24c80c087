"""Credentials that nobody has at hand: sessions, roles and processes, made as Terraform would make them.

It happens in a process of its own (`child`), which sees one profile and the user's files, has no terminal
to ask for anything, and is ended with all that it started when its time is up. For `doctor`, strict mode and pinned
accounts only: it may start a credential process, and renew an SSO token, just as Terraform does a moment later.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tfwrap.identity import clients
from tfwrap.identity.question import REJECTED, UNCHECKED, Answer
from tfwrap.origin import Secret
from tfwrap.resolving import order as orders
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.sources import Source

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from tfwrap.resolving import child; child.main()"
# What goes before web identity, container and instance, where none of it is meant.
_SHADOWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
_PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_KEY_IS_NO_GOOD = ("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken")


def is_needed(consumer: Consumer) -> bool:
    """Whether the credentials that a consumer ends up with have to be made first."""
    source = consumer.source
    return bool(source.roles) or (not source.has_keys and source.kind in orders.MADE)


def resolve(consumer: Consumer, environ: Mapping[str, str], limit_s: float) -> Source | Answer:
    """The source with the keys that it makes, roles assumed, or why not. At most `limit_s` seconds; never raises.

    `environ` is what Terraform gets. What needs a code or a password from the user is not made.
    """
    order = orders.of(consumer, environ)
    if isinstance(order, str):
        return Answer(UNCHECKED, message=order)
    environment = _environment(consumer, environ)
    told = _run(json.dumps(order).encode(), environment, limit_s)
    if isinstance(told, str):
        return Answer(UNCHECKED, message=told)
    if "access_key" not in told:
        code, message = str(told.get("code", "")), str(told.get("message", ""))
        return Answer(REJECTED if code in _KEY_IS_NO_GOOD else UNCHECKED, code=code, message=message)
    return _with_keys(consumer.source, told)


def _with_keys(source: Source, told: Mapping[str, object]) -> Source:
    token = str(told.get("token") or "")
    expires = told.get("expires")
    return source._replace(
        access_key=str(told["access_key"]),
        secret_key=Secret(str(told.get("secret_key", ""))),
        token=Secret(token) if token else None,
        expires=float(expires) if isinstance(expires, int | float) else source.expires,
    )


def _environment(consumer: Consumer, environ: Mapping[str, str]) -> dict[str, str]:
    """An environment in which botocore finds what Terraform would find, and nothing else."""
    removed = _PROFILES if consumer.source.kind == sources.PROFILE else (*_PROFILES, *_SHADOWS)
    kept = {name: value for name, value in environ.items() if name not in removed}
    own_config = kept.get("AWS_SHARED_CONFIG_FILE")  # the backend's own name for it
    way = {"AWS_CONFIG_FILE": own_config} if own_config else {}
    certificates = consumer.endpoint.ca_bundle or clients.system_certificates()
    trust = {"AWS_CA_BUNDLE": certificates} if certificates else {}
    once = {"AWS_MAX_ATTEMPTS": "1", "AWS_METADATA_SERVICE_TIMEOUT": "1", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "1"}
    return {**kept, **way, **trust, **once, "AWS_DEFAULT_REGION": consumer.endpoint.region}


def _run(order: bytes, environ: Mapping[str, str], limit_s: float) -> dict[str, object] | str:
    """What the child tells; in words where it does not. In a session of its own it has no terminal to ask on."""
    command = [sys.executable, "-I", "-c", _PROGRAM, *filter(None, sys.path)]
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(
            command, env=dict(environ), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        return f"Python could not be started ({type(error).__name__})"
    with child:
        try:
            told, _ = child.communicate(order, limit_s)
        except subprocess.TimeoutExpired:
            _end(child)
            return f"it was not made within {limit_s:g} seconds"
        except BaseException:
            _end(child)
            raise
    try:
        document = json.loads(told)
    except ValueError:
        return "it could not be made"
    return document if isinstance(document, dict) else "it could not be made"


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and what it started, a credential process that hangs included."""
    if sys.platform == "win32":
        child.kill()
        return
    import contextlib
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
