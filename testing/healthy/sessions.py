"""Sessions that tools and sign-ins made for a person."""

from __future__ import annotations

import hashlib
import json

from testing import sso
from testing.healthy.setup import ACCOUNT, PROD, REGION, STATE, Bench, Row, Setup, later, module, pair, section


def _signed_in(bench: Bench, name: str, **more: str) -> dict[str, str]:
    """The cached token of a sign-in that the portal accepts."""
    bench.aws.portal.tokens.add("made-up-access")
    bench.aws.portal.roles.add((ACCOUNT, "Admin"))
    path = f".aws/sso/cache/{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()}.json"
    token = {"startUrl": sso.START_URL, "region": REGION, "accessToken": "made-up-access", "expiresAt": later(8)}
    return {path: json.dumps({**token, **more})}


_ROLE = f"sso_account_id = {ACCOUNT}\nsso_role_name = Admin\nregion = {REGION}\n"


def sso_session(bench: Bench) -> Setup:
    config = (
        f"[profile dev]\nsso_session = corp\n{_ROLE}\n"
        f"[sso-session corp]\nsso_start_url = {sso.START_URL}\nsso_region = {REGION}\n"
        "sso_registration_scopes = sso:account:access\n"
    )
    kept = _signed_in(bench, "corp", refreshToken="made-up", registrationExpiresAt=later(2000))
    return Setup(module(**STATE), {"AWS_PROFILE": "dev"}, {".aws/config": config, **kept})


def legacy_sso(bench: Bench) -> Setup:
    config = f"[profile dev]\nsso_start_url = {sso.START_URL}\nsso_region = {REGION}\n{_ROLE}"
    home = {".aws/config": config, **_signed_in(bench, sso.START_URL)}
    return Setup(module(**STATE), {"AWS_PROFILE": "dev"}, home)


def aws_vault(bench: Bench) -> Setup:
    """`aws-vault exec dev -- terraform plan` (v7: it takes AWS_PROFILE away and sets all this)."""
    key = bench.keys.create_session(lifetime_s=3600)
    told = {"AWS_VAULT": "dev", "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    more = {"AWS_SECURITY_TOKEN": key.token or "", "AWS_CREDENTIAL_EXPIRATION": later()}
    home = {".aws/config": f"[profile dev]\nregion = {REGION}\nmfa_serial = arn:aws:iam::{ACCOUNT}:mfa/me\n"}
    return Setup(module(**STATE), {**pair(key), **told, **more}, home)


def aws_vault_without_session(bench: Bench) -> Setup:
    told = {"AWS_VAULT": "dev", "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    home = {".aws/config": f"[profile dev]\nregion = {REGION}\n"}
    return Setup(module(**STATE), {**pair(bench.keys.create()), **told}, home)


def aws_vault_of_the_meant_profile(bench: Bench) -> Setup:
    made = aws_vault(bench)
    return made._replace(environ={**made.environ, "TFWRAP_PROFILE": "dev"})


def aws_vault_server(bench: Bench) -> Setup:
    """`aws-vault exec --ecs-server dev`."""
    told = {
        "AWS_VAULT": "dev",
        "AWS_REGION": REGION,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{bench.instance}/container",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "made-up",
    }
    return Setup(module(**STATE), told)


def granted(bench: Bench) -> Setup:
    key = bench.keys.create_session(lifetime_s=3600)
    told = {"AWS_PROFILE": "dev", "AWS_REGION": REGION, "AWS_SESSION_EXPIRATION": later()}
    of_granted = {
        "GRANTED_SSO": "true",
        "GRANTED_SSO_START_URL": sso.START_URL,
        "GRANTED_SSO_ROLE_NAME": "Admin",
        "GRANTED_SSO_REGION": REGION,
        "GRANTED_SSO_ACCOUNT_ID": ACCOUNT,
    }
    config = f"[profile dev]\nsso_start_url = {sso.START_URL}\nsso_region = {REGION}\n{_ROLE}"
    return Setup(module(**STATE), {**pair(key), **told, **of_granted}, {".aws/config": config})


def awsume(bench: Bench) -> Setup:
    key = bench.keys.create_session(PROD, lifetime_s=3600)
    told = {"AWSUME_PROFILE": "prod", "AWSUME_EXPIRATION": later(), "AWS_SECURITY_TOKEN": key.token or ""}
    region = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    config = f"[profile prod]\nrole_arn = arn:aws:iam::{PROD}:role/admin\nsource_profile = base\n"
    home = {".aws/config": config, ".aws/credentials": section("base", bench.keys.create())}
    return Setup(module(**STATE), {**pair(key), **told, **region}, home)


def saml2aws_exec(bench: Bench) -> Setup:
    key = bench.keys.create_session(lifetime_s=3600)
    told = {"SAML2AWS_PROFILE": "saml", "AWS_SECURITY_TOKEN": key.token or "", "AWS_CREDENTIAL_EXPIRATION": later()}
    return Setup(module(**STATE), {**pair(key), **told})


def saml2aws_login(bench: Bench) -> Setup:
    """What `saml2aws login` writes."""
    key = bench.keys.create_session(lifetime_s=3600)
    more = f"aws_security_token = {key.token}\nx_security_token_expires = {later()}\nx_principal_arn = {key.arn}\n"
    credentials = section("saml", key).rstrip() + f"\n{more}"
    return Setup(module(**STATE), {"AWS_PROFILE": "saml"}, {".aws/credentials": credentials})


def export_credentials(bench: Bench) -> Setup:
    """`eval "$(aws configure export-credentials --profile dev --format env)"`."""
    key = bench.keys.create_session(lifetime_s=3600)
    return Setup(module(**STATE), {**pair(key), "AWS_CREDENTIAL_EXPIRATION": later()})


def cloudshell(bench: Bench) -> Setup:
    told = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{bench.instance}/latest/meta-data/container/security-credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "made-up",
        "AWS_EXECUTION_ENV": "CloudShell",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
    return Setup(module(**STATE), told)


ROWS: tuple[Row, ...] = (
    ("an SSO session", sso_session),
    ("SSO in the old way", legacy_sso),
    ("aws-vault exec", aws_vault),
    ("aws-vault exec --no-session", aws_vault_without_session),
    ("aws-vault exec, of the profile that is meant", aws_vault_of_the_meant_profile),
    ("aws-vault exec --ecs-server", aws_vault_server),
    ("granted", granted),
    ("awsume", awsume),
    ("saml2aws exec", saml2aws_exec),
    ("saml2aws login", saml2aws_login),
    ("aws configure export-credentials", export_credentials),
    ("CloudShell", cloudshell),
)
