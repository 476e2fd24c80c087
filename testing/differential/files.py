"""The shared files of a combination, with everything that they lead to."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

from testing.differential.bench import arn
from tfwrap.aws import ssocache

if TYPE_CHECKING:
    from testing.differential.bench import Bench
    from testing.differential.combinations import Combination
    from testing.world import World
    from tfwrap.stand.keys import AccessKey


def _pair(key: AccessKey, quote: str = "") -> str:
    return f"aws_access_key_id = {quote}{key.id}{quote}\naws_secret_access_key = {quote}{key.secret}{quote}\n"


def _role(role: str, **more: str) -> str:
    return f"role_arn = {arn(role)}\n" + "".join(f"{name} = {value}\n" for name, value in more.items())


def write_files(bench: Bench, world: World, set_: Combination) -> None:
    """Write the shared files, the token, the SSO cache and the credential process of a combination."""
    keys, folder = bench.keys, world.home / ".aws"
    (folder / "sso" / "cache").mkdir(parents=True)
    script = world.home / "process"
    made = {"Version": 1, "AccessKeyId": keys["process"].id, "SecretAccessKey": keys["process"].secret}
    script.write_text(f"#!/bin/sh\necho '{json.dumps(made)}'\n")
    script.chmod(0o755)
    for name in ("corp", "https://made-up.invalid/cached"):
        token = {"accessToken": "madeUp", "expiresAt": "2100-01-01T00:00:00Z", "startUrl": "u", "region": "us-east-1"}
        Path(ssocache.path(name, str(world.home))).write_text(json.dumps(token))
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "made-up", "exp": 4102444800}).encode()).decode().rstrip("=")
    if set_.web != "no-token":
        (world.home / "token").write_text(f"e30.{claims}.made-up")
    credentials, config = _credentials(keys, set_), _config(keys, set_, script, world.home / "token")
    moved = {"by-variable": "moved", "tilde": "moved"}.get(set_.files)
    (world.home / (f"{moved}-credentials" if moved else ".aws/credentials")).write_text(credentials)
    (world.home / (f"{moved}-config" if moved else ".aws/config")).write_text(config)
    other = _pair(keys["other"])
    (world.home / "other-credentials").write_text(f"[default]\n{other}[lab]\n{other}[only-there]\n{other}")
    (world.home / "other-config").write_text(
        f"[default]\n{other}[profile lab]\n{_role('chain', source_profile='default')}"
    )


def _credentials(keys: dict[str, AccessKey], set_: Combination) -> str:
    defaults = {
        "credentials": f"[default]\n{_pair(keys['cred-default'])}",
        "both": f"[default]\n{_pair(keys['cred-default'])}",
        "half": f"[default]\naws_access_key_id = {keys['cred-default'].id}\n",
    }
    lab, own = _pair(keys["cred-lab"]), _pair(keys["cred-self"])
    return (
        f"{defaults.get(set_.default, '')}[lab]\n{lab}[half]\naws_access_key_id = {keys['cred-lab'].id}\n"
        f"[half-secret]\naws_secret_access_key = {keys['cred-lab'].secret}\n"
        f"[quoted]\n{_pair(keys['cred-lab'], chr(34))}[single]\n{_pair(keys['cred-lab'], chr(39))}"
        f"[upper]\n{lab.replace('aws_', 'AWS_')}[empty]\nregion = us-east-1\n"
        f"[role-and-keys]\n{own}{_role('lab')}[both-files]\n{own}[both]\n{own}[keys-no-role]\n{own}"
    )


def _config(keys: dict[str, AccessKey], set_: Combination, script: Path, token: Path) -> str:
    defaults = {
        "config": _pair(keys["config-default"]),
        "both": _pair(keys["config-default"]),
        "role": _role("lab", source_profile="lab"),
        "process": f"credential_process = {script}\n",
        "broken": _role("lab", source_profile="nowhere"),
    }
    sso = "sso_account_id = 111111111111\nsso_role_name = admin\n"
    old = "sso_region = us-east-1\nsso_start_url = https://made-up.invalid/"
    sections = {
        "lab": f"{_pair(keys['config-lab'])}aws_session_token =\n",
        "role": _role("lab", source_profile="lab"),
        "chain": _role("chain", source_profile="role"),
        "loop": _role("loop", source_profile="looped"),
        "looped": _role("chain", source_profile="loop"),
        "to-keys": _role("chain", source_profile="role-and-keys"),
        "both": _role("lab", source_profile="lab"),
        "to-both": _role("chain", source_profile="both"),
        "keys-no-role": "source_profile = lab\n",
        "to-no-role": _role("chain", source_profile="keys-no-role"),
        "self": _role("lab", source_profile="self") + _pair(keys["cred-self"]),
        "broken": _role("lab", source_profile="nowhere"),
        "to-half": _role("lab", source_profile="half"),
        "to-nothing": _role("lab", source_profile="empty"),
        "process": f"credential_process = {script}\n",
        "to-process": _role("lab", source_profile="process"),
        "of-environment": _role("lab", credential_source="Environment"),
        "of-container": _role("lab", credential_source="EcsContainer"),
        "odd-source": _role("lab", credential_source="Nowhere"),
        "mfa": _role("lab", source_profile="lab", mfa_serial="arn:aws:iam::111111111111:mfa/me"),
        "to-mfa": _role("chain", source_profile="mfa"),
        "sso": f"sso_session = away\n{sso}",
        "sso-cached": f"sso_session = corp\n{sso}",
        "to-sso": _role("lab", source_profile="sso-cached"),
        "sso-gone": f"sso_session = gone\n{sso}",
        "old-sso": f"{old}start\n{sso}",
        "old-sso-cached": f"{old}cached\n{sso}",
        "old-sso-half": sso,
        "to-old-sso": _role("lab", source_profile="old-sso-cached"),
        "to-old-sso-half": _role("lab", source_profile="old-sso-half"),
        "to-login": _role("lab", source_profile="login"),
        "web": _role("web", web_identity_token_file=str(token)),
        "two-makers": _role("lab", source_profile="lab", credential_process=str(script)),
        "role-alone": _role("lab"),
        "no-role": "source_profile = lab\n",
        "login": "login_session = arn:aws:iam::111111111111:user/me\n",
        "both-files": _role("lab", source_profile="lab"),
    }
    sections = {f"profile {name}": text for name, text in sections.items()} | {"bare": _pair(keys["config-bare"])}
    if set_.default in defaults:
        sections["default"] = defaults[set_.default]
    sections["sso-session corp"] = sections["sso-session away"] = f"{old}start\n"
    return "".join(f"[{name}]\n{text}" for name, text in sections.items())
