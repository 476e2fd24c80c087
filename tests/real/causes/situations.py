"""For each cause what has to be set up, on the stand, so that the real Terraform fails for that reason.

A situation prepares a place and gives the environment in which the command is run.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, NamedTuple

from testing import world as worlds
from testing.terraforms import PATH
from tests.real.causes.place import GONE, OTHER_ACCOUNT, ROLE, SECRET, WAITS, Place, block, pair
from tfwrap.diagnosis.causes import slugs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.stand.keys import AccessKey

    Env = dict[str, str]

PLAN, APPLY = ("plan", "-input=false"), ("apply", "-auto-approve", "-input=false")
OLDEST, OLD, NEWEST = "0.12.29", "1.0.3", "1.15.5"
START = {"sso_region": "us-east-1", "sso_start_url": "https://made-up.awsapps.com/start"}
SSO = {"sso_account_id": "111111111111", "sso_role_name": "r"}
UNKNOWN = {"AWS_ACCESS_KEY_ID": GONE, "AWS_SECRET_ACCESS_KEY": SECRET}
TOKEN = "madeUpByTheTestsForOne"


class Situation(NamedTuple):
    """A cause, in what it shows itself, how to set it up, the command that fails, and the Terraform."""

    cause: str
    name: str
    prepare: Callable[[Place], Env]
    words: tuple[str, ...] = ("init", "-input=false")
    version: str = PATH


# What init or a plan has kept


def saved_key(place: Place) -> Env:
    place.write()
    old = place.stand.keys.create()
    keys = (f"-backend-config=access_key={old.id}", f"-backend-config=secret_key={old.secret}")
    place.initialise(*keys, env={})
    assert place.bare("plan", "-out=tfplan", "-input=false", env={}).status == 0
    place.stand.keys.delete(old.id)
    return pair(place.good)


def saved_session(place: Place) -> Env:
    place.write()
    over = place.stand.keys.create_session()
    values = {"access_key": over.id, "secret_key": over.secret, "token": over.token}
    place.initialise(*(f"-backend-config={name}={value}" for name, value in values.items()), env={})
    place.stand.keys.expire(over.id)
    place.profile("default", place.good.id, place.good.secret)
    return {}


def saved_profile(place: Place) -> Env:
    place.write()
    place.profile("old", place.good.id, place.good.secret)
    place.initialise("-backend-config=profile=old", env={})
    place.profile("default", place.good.id, place.good.secret)
    return {}


def saved_plan_session(place: Place) -> Env:
    place.write()
    over = place.stand.keys.create_session()
    values = {"access_key": over.id, "secret_key": over.secret, "token": over.token}
    place.initialise(*(f"-backend-config={name}={value}" for name, value in values.items()), env={})
    assert place.bare("plan", "-out=tfplan", "-input=false", env={}).status == 0
    place.initialise("-reconfigure", env=pair(place.good))
    place.stand.keys.expire(over.id)
    return pair(place.good)


def changed_key(place: Place) -> Env:
    place.write()
    place.initialise(env=pair(place.good))
    place.write(key='"another"')
    return pair(place.good)


def block_gone(place: Place) -> Env:
    place.write()
    place.initialise(env=pair(place.good))
    (place.world.cwd / "main.tf").write_text('output "x" {\n  value = 1\n}\n')
    return pair(place.good)


# Values that cannot be credentials


def encoded_secret(place: Place) -> Env:
    place.write(**block(place.good.id, SECRET.replace("/", "%2F").replace("+", "%2B")))
    return {}


def quoted_key_id(place: Place) -> Env:
    place.write(**block(f"'{place.good.id}'", place.good.secret))
    return {}


def small_letters(place: Place) -> Env:
    place.write()
    place.write_provider(f'  access_key = "{place.good.id.lower()}"\n  secret_key = "{place.good.secret}"\n')
    place.initialise(env=pair(place.good))
    return pair(place.good)


def token_with_line_end(place: Place) -> Env:
    over = place.stand.keys.create_session()
    place.write(**block(over.id, over.secret, "made\\nup"))
    return {}


def swapped(place: Place) -> Env:
    place.write()
    return {"AWS_ACCESS_KEY_ID": SECRET, "AWS_SECRET_ACCESS_KEY": place.good.id}


def swapped_in_profile(place: Place) -> Env:
    place.write()
    place.profile("default", SECRET, place.good.id)
    return {}


def swapped_in_block(place: Place) -> Env:
    place.write(**block(SECRET, place.good.id))
    return {}


def example(place: Place) -> Env:
    place.write()
    return {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET}


def template(place: Place) -> Env:
    place.write()
    place.profile("default", "<your-access-key>", "<your-secret-key>")
    return {}


def emulated(place: Place) -> Env:
    place.write()
    return {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def emulated_in_provider(place: Place) -> Env:
    place.write()
    place.write_provider('  access_key = "testing"\n  secret_key = "testing"\n')
    place.initialise(env=pair(place.good))
    return pair(place.good)


# Keys that AWS does not accept


def unknown(place: Place) -> Env:
    place.write()
    return UNKNOWN


def inactive(place: Place) -> Env:
    place.write()
    key = place.stand.keys.create()
    place.stand.keys.deactivate(key.id)
    place.profile("default", key.id, key.secret)
    return {}


def unknown_at_a_data_source(place: Place) -> Env:
    place.write()
    skip = "  skip_credentials_validation = true\n  skip_requesting_account_id = true\n"
    place.write_provider(f'{skip}  access_key = "{GONE}"\n  secret_key = "{SECRET}"\n')
    place.initialise(env=pair(place.good))
    return pair(place.good)


def unknown_to_the_lock_table(place: Place) -> Env:
    place.write(skip_credentials_validation="true", skip_metadata_api_check="true", dynamodb_table='"locks"')
    place.initialise(env=pair(place.good))
    return UNKNOWN


def tokenless(place: Place) -> Env:
    place.write()
    return {**pair(place.stand.keys.create_session()), "AWS_SESSION_TOKEN": ""}


def tokenless_profile(place: Place) -> Env:
    place.write()
    session = place.stand.keys.create_session()
    place.profile("lab", session.id, session.secret)
    return {"AWS_PROFILE": "lab"}


def stray_in_block(place: Place) -> Env:
    place.write(**block(place.good.id, place.good.secret, TOKEN))
    return {}


def stray_in_profile(place: Place) -> Env:
    place.write()
    place.profile("default", place.good.id, place.good.secret, TOKEN)
    return {}


def wrong_secret(place: Place) -> Env:
    place.write()
    return {"AWS_ACCESS_KEY_ID": place.good.id, "AWS_SECRET_ACCESS_KEY": SECRET}


def wrong_secret_in_profile(place: Place) -> Env:
    place.write()
    place.profile("lab", place.good.id, SECRET)
    return {"AWS_PROFILE": "lab"}


def not_known_yet(place: Place) -> Env:
    place.write()
    key = place.stand.keys.create()
    place.know_later(key, refusals=2)  # tfwrap asks before Terraform does
    return pair(key)


def made_just_now(place: Place) -> Env:
    place.write()
    key = place.stand.keys.create()
    place.know_later(key)
    return made_by_process(place, key)


def made_by_process(place: Place, key: AccessKey) -> Env:
    """A profile whose credential process gives this key, whatever has become of it."""
    said = json.dumps({"Version": 1, "AccessKeyId": key.id, "SecretAccessKey": key.secret})
    script = place.world.bin / "vault-creds"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\n")
    script.chmod(0o700)
    worlds.write_config(place.world, {"profile v": {"credential_process": str(script)}})
    return {"AWS_PROFILE": "v"}


def gone_of_a_process(place: Place) -> Env:
    place.write()
    key = place.stand.keys.create()
    place.stand.keys.delete(key.id)
    return made_by_process(place, key)


def inactive_of_a_process(place: Place) -> Env:
    """The provider's: init has saved nothing of it."""
    place.write()
    place.write_provider('  profile = "v"\n')
    place.initialise(env=pair(place.good))
    key = place.stand.keys.create()
    place.stand.keys.deactivate(key.id)
    made_by_process(place, key)
    return pair(place.good)


# Sessions, logins, codes, programs


def over(place: Place) -> Env:
    place.write()
    session = place.stand.keys.create_session()
    place.stand.keys.expire(session.id)
    return pair(session)


def over_in_profile(place: Place) -> Env:
    place.write()
    session = place.stand.keys.create_session()
    place.stand.keys.expire(session.id)
    place.profile("default", session.id, session.secret, session.token or "")
    return {}


def over_at_the_bucket(place: Place) -> Env:
    """The bucket alone says so: the state's object is asked for by HEAD, which hides the reason."""
    place.write(skip_credentials_validation="true", skip_requesting_account_id="true", skip_s3_checksum="true")
    place.initialise(env=pair(place.good))
    return over_session(place)


def over_session(place: Place) -> Env:
    session = place.stand.keys.create_session()
    place.stand.keys.expire(session.id)
    return pair(session)


def sso_session(place: Place) -> Env:
    place.write()
    worlds.write_config(place.world, {"profile s": {"sso_session": "corp", **SSO}, "sso-session corp": START})
    return {"AWS_PROFILE": "s"}


def sso_legacy(place: Place) -> Env:
    place.write(profile='"s"')
    worlds.write_config(place.world, {"profile s": {**START, **SSO}})
    return {}


def sso_over(place: Place) -> Env:
    env = sso_session(place)
    cache = place.world.home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    token = {"accessToken": "madeUp", "expiresAt": "2020-01-01T00:00:00Z", "startUrl": START["sso_start_url"]}
    (cache / "6d04e5bb34d61bdd2d9ef6bbb0ca4f4ea7e2a02c.json").write_text(json.dumps(token))
    return env


def mfa(place: Place) -> Env:
    place.write()
    place.profile("base", place.good.id, place.good.secret)
    role = {"role_arn": ROLE, "source_profile": "base", "mfa_serial": "arn:aws:iam::111111111111:mfa/u"}
    worlds.write_config(place.world, {"profile p": role})
    return {"AWS_PROFILE": "p"}


def mfa_of_the_block(place: Place) -> Env:
    mfa(place)
    place.write(profile='"p"')
    return {}


def process_fails(place: Place) -> Env:
    place.write()
    worlds.write_config(place.world, {"profile p": {"credential_process": "false"}})
    return {"AWS_PROFILE": "p"}


def process_says_hello(place: Place) -> Env:
    place.write(profile='"p"')
    worlds.write_config(place.world, {"profile p": {"credential_process": "echo hello"}})
    return {}


def web_token(place: Place, content: str) -> Env:
    place.write()
    token = place.world.root / "token"
    token.write_text(content)
    return {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": ROLE}


def web_token_over(place: Place) -> Env:
    body = base64.urlsafe_b64encode(json.dumps({"exp": 1, "sub": "s"}).encode()).decode().rstrip("=")
    return web_token(place, f"eyJhbGciOiJub25lIn0.{body}.x")


def web_token_of_nobody(place: Place) -> Env:
    return web_token(place, "this is no token")


def web_token_missing(place: Place) -> Env:
    return {**web_token(place, ""), "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent/token"}


def web_role_missing(place: Place) -> Env:
    return {name: value for name, value in web_token_over(place).items() if name != "AWS_ROLE_ARN"}


def container_elsewhere(place: Place) -> Env:
    place.write()
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"}


def container_silent(place: Place) -> Env:
    place.write()
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/x"}


# Profiles and pairs


def overridden(place: Place) -> Env:
    place.profile("lab", place.good.id, place.good.secret)
    return {**unknown(place), "AWS_PROFILE": "lab"}


def overridden_by_a_session(place: Place) -> Env:
    place.profile("lab", place.good.id, place.good.secret)
    return {**over(place), "AWS_PROFILE": "lab"}


def misspelt(place: Place) -> Env:
    place.write()
    place.profile("lab", GONE, SECRET)
    return {"AWS_PROFILE": "lba"}


def no_such_argument(place: Place) -> Env:
    place.write(profile='"gone"')
    return {}


def no_such_source(place: Place) -> Env:
    place.write()
    worlds.write_config(place.world, {"profile p": {"role_arn": ROLE, "source_profile": "gone"}})
    return {"AWS_PROFILE": "p"}


def half_a_profile(place: Place) -> Env:
    place.write()
    worlds.write_credentials(place.world, {"h": {"aws_access_key_id": place.good.id}})
    return {"AWS_PROFILE": "h"}


def source_without_keys(place: Place) -> Env:
    """As with aws-vault, which has the keys of `base` in a keyring."""
    place.write()
    worlds.write_config(
        place.world,
        {"profile p": {"role_arn": ROLE, "source_profile": "base"}, "profile base": {"region": "us-east-1"}},
    )
    return {"AWS_PROFILE": "p"}


def no_such_sso_session(place: Place) -> Env:
    place.write()
    worlds.write_config(place.world, {"profile s": {"sso_session": "corp", **SSO}})
    return {"AWS_PROFILE": "s"}


def half_a_pair(place: Place) -> Env:
    place.write()
    return {"AWS_ACCESS_KEY_ID": place.good.id}


def half_a_block(place: Place) -> Env:
    place.write(access_key=f'"{place.good.id}"')
    return {}


def nothing(place: Place) -> Env:
    place.write()
    return {}


def nothing_for_the_provider(place: Place) -> Env:
    place.write(**block(place.good.id, place.good.secret))
    place.write_provider()
    place.initialise(env={})
    return {}


# Good keys at the wrong place or time


def region_off(place: Place) -> Env:
    place.write(region='"me-south-1"')
    place.stand.disabled_regions.add("me-south-1")
    return {**pair(place.good), "AWS_REGION": "me-south-1"}


def region_off_for_the_provider(place: Place) -> Env:
    place.write()
    place.write_provider('  region = "ap-east-1"\n')
    place.initialise(env=pair(place.good))
    place.stand.disabled_regions.add("ap-east-1")
    return pair(place.good)


def of_china(place: Place) -> Env:
    place.write()
    return pair(place.stand.keys.create(partition="aws-cn"))


def of_gov_cloud(place: Place) -> Env:
    place.write()
    key = place.stand.keys.create(partition="aws-us-gov")
    place.profile("default", key.id, key.secret)
    return {}


def clock_slow(place: Place) -> Env:
    place.write()
    place.stand.clock.shift(3600)
    return pair(place.good)


def clock_fast(place: Place) -> Env:
    place.write()
    place.stand.clock.shift(-7200)
    place.profile("default", place.good.id, place.good.secret)
    return {}


# Refusals


def role_of_the_block(place: Place) -> Env:
    place.write(assume_role=f'{{ role_arn = "{ROLE}" }}')
    return pair(place.good)


def role_of_a_profile(place: Place) -> Env:
    place.write()
    place.profile("base", place.good.id, place.good.secret)
    worlds.write_config(place.world, {"profile p": {"role_arn": ROLE, "source_profile": "base"}})
    return {"AWS_PROFILE": "p"}


def external_id_missing(place: Place) -> Env:
    role = place.stand.keys.add_role("111111111111", "wants-an-external-id", external_id="made-up")
    place.write(assume_role=f'{{ role_arn = "{role.arn}" }}')
    return pair(place.good)


def account(place: Place) -> Env:
    place.write(allowed_account_ids=f'["{OTHER_ACCOUNT}"]')
    return pair(place.good)


def account_of_the_provider(place: Place) -> Env:
    place.write()
    place.write_provider(f'  allowed_account_ids = ["{OTHER_ACCOUNT}"]\n')
    place.initialise(env=pair(place.good))
    return pair(place.good)


def read_denied(place: Place) -> Env:
    place.write()
    place.initialise(env=pair(place.good))
    assert place.bare(*APPLY, env=pair(place.good)).status == 0
    place.stand.denials["s3", "GetObject"] = "AccessDenied"
    return pair(place.good)


def lock_denied(place: Place) -> Env:
    place.stand.create_lock_table("denied")
    place.write(dynamodb_table='"denied"')
    place.initialise(env=pair(place.good))
    place.stand.denials["dynamodb", "PutItem"] = "AccessDeniedException"
    return pair(place.good)


def two_accounts(place: Place) -> Env:
    """An old key of another account that init has saved, as nobody meant it to be."""
    theirs = place.stand.keys.create(account=OTHER_ACCOUNT)
    place.write()
    place.write_provider()
    keys = (f"-backend-config=access_key={theirs.id}", f"-backend-config=secret_key={theirs.secret}")
    place.initialise(*keys, env={})
    return pair(place.good)


def read_of_another_account(place: Place) -> Env:
    env = two_accounts(place)
    place.bare("state", "push", "-force", place.empty_state(), env={})
    place.stand.denials["s3", "GetObject"] = "AccessDenied"
    return env


def head_of_another_account(place: Place) -> Env:
    env = two_accounts(place)
    place.stand.denials["s3", "HeadObject"] = "AccessDenied"
    return env


# The state


def head_denied(place: Place) -> Env:
    place.write()
    place.initialise(env=pair(place.good))
    place.stand.denials["s3", "HeadObject"] = "AccessDenied"
    return pair(place.good)


def head_denied_and_nobody_asked(place: Place) -> Env:
    return {**head_denied(place), "TFWRAP_OFFLINE": "1"}


def over_in_mid_apply(place: Place) -> Env:
    place.write(use_lockfile="true")
    (place.world.cwd / "slow.tf").write_text(WAITS)
    session = place.stand.keys.create_session()
    place.initialise(env=pair(session))
    place.end_in_mid_apply(session)
    return pair(session)


def lock_not_let_go(place: Place) -> Env:
    place.write(use_lockfile="true")
    place.initialise(env=pair(place.good))
    place.stand.denials["s3", "DeleteObject"] = "AccessDenied"
    return pair(place.good)


# What nothing explains


def no_region(place: Place) -> Env:
    place.write()
    text = (place.world.cwd / "main.tf").read_text()
    lines = [line for line in text.splitlines() if "region" not in line]
    (place.world.cwd / "main.tf").write_text("\n".join(lines) + "\n")
    return {**pair(place.good), "AWS_REGION": ""}


def odd_refusal(place: Place) -> Env:
    place.write()
    place.initialise(env=pair(place.good))
    place.stand.denials["s3", "ListObjectsV2"] = "MissingAuthenticationToken"
    return pair(place.good)


SITUATIONS = [
    Situation(slugs.STALE_SAVED_BACKEND, "a saved key that is gone, another in the environment", saved_key, PLAN),
    Situation(slugs.STALE_SAVED_BACKEND, "1.0", saved_key, PLAN, OLD),
    Situation(slugs.STALE_SAVED_BACKEND, "1.15", saved_key, PLAN, NEWEST),
    Situation(slugs.STALE_SAVED_BACKEND, "a saved session that is over", saved_session, PLAN),
    Situation(slugs.STALE_SAVED_BACKEND, "a saved profile that is gone", saved_profile, PLAN),
    Situation(slugs.SAVED_PLAN_CREDENTIALS, "a key that is gone", saved_key, ("apply", "-input=false", "tfplan")),
    Situation(slugs.SAVED_PLAN_CREDENTIALS, "a session", saved_plan_session, ("apply", "-input=false", "tfplan")),
    Situation(slugs.BACKEND_CHANGED, "another key of the bucket", changed_key, PLAN),
    Situation(slugs.BACKEND_CHANGED, "the block is gone", block_gone, PLAN),
    Situation(slugs.DAMAGED_CREDENTIALS, "a URL-encoded secret", encoded_secret),
    Situation(slugs.DAMAGED_CREDENTIALS, "quotes", quoted_key_id),
    Situation(slugs.DAMAGED_CREDENTIALS, "small letters, the provider", small_letters, PLAN),
    Situation(slugs.DAMAGED_CREDENTIALS, "a line end in the token", token_with_line_end),
    Situation(slugs.SWAPPED_CREDENTIALS, "in the environment", swapped),
    Situation(slugs.SWAPPED_CREDENTIALS, "in a profile", swapped_in_profile),
    Situation(slugs.SWAPPED_CREDENTIALS, "in the block", swapped_in_block),
    Situation(slugs.PLACEHOLDER_CREDENTIALS, "AWS's example", example),
    Situation(slugs.PLACEHOLDER_CREDENTIALS, "a template", template),
    Situation(slugs.EMULATOR_CREDENTIALS, "LocalStack's", emulated),
    Situation(slugs.EMULATOR_CREDENTIALS, "moto's, the provider", emulated_in_provider, PLAN),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "in the environment", unknown),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "0.12", unknown, version=OLDEST),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "1.15", unknown, version=NEWEST),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "deactivated, in a profile", inactive),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "of a credential process", gone_of_a_process),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "of a credential process, 1.0", gone_of_a_process, version=OLD),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "deactivated, of the provider's process", inactive_of_a_process, PLAN),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "at a data source", unknown_at_a_data_source, PLAN),
    Situation(slugs.UNKNOWN_ACCESS_KEY, "the lock table, 1.0", unknown_to_the_lock_table, PLAN, OLD),
    Situation(slugs.MISSING_SESSION_TOKEN, "in the environment", tokenless),
    Situation(slugs.MISSING_SESSION_TOKEN, "in a profile", tokenless_profile),
    Situation(slugs.STRAY_SESSION_TOKEN, "in the block", stray_in_block),
    Situation(slugs.STRAY_SESSION_TOKEN, "in a profile", stray_in_profile),
    Situation(slugs.WRONG_SECRET, "in the environment", wrong_secret),
    Situation(slugs.WRONG_SECRET, "1.0", wrong_secret, version=OLD),
    Situation(slugs.WRONG_SECRET, "in a profile", wrong_secret_in_profile),
    Situation(slugs.NEW_KEY_NOT_PROPAGATED, "in the environment", not_known_yet),
    Situation(slugs.NEW_KEY_NOT_PROPAGATED, "of a process", made_just_now),
    Situation(slugs.EXPIRED_SESSION, "in the environment", over),
    Situation(slugs.EXPIRED_SESSION, "0.12", over, version=OLDEST),
    Situation(slugs.EXPIRED_SESSION, "in a profile", over_in_profile),
    Situation(slugs.EXPIRED_SESSION, "at the bucket", over_at_the_bucket, PLAN),
    Situation(slugs.SSO_LOGIN_REQUIRED, "an sso-session", sso_session),
    Situation(slugs.SSO_LOGIN_REQUIRED, "legacy, the block's profile", sso_legacy),
    Situation(slugs.SSO_LOGIN_REQUIRED, "legacy, 1.0", sso_legacy, version=OLD),
    Situation(slugs.SSO_LOGIN_REQUIRED, "a token that is over", sso_over),
    Situation(slugs.MFA_REQUIRED, "AWS_PROFILE", mfa),
    Situation(slugs.MFA_REQUIRED, "the block's profile", mfa_of_the_block),
    Situation(slugs.CREDENTIAL_PROCESS_FAILED, "it fails", process_fails),
    Situation(slugs.CREDENTIAL_PROCESS_FAILED, "it says something else", process_says_hello),
    Situation(slugs.WEB_IDENTITY_INVALID, "a token that is over", web_token_over),
    Situation(slugs.WEB_IDENTITY_INVALID, "no token at all", web_token_of_nobody),
    Situation(slugs.WEB_IDENTITY_INVALID, "no file", web_token_missing),
    Situation(slugs.WEB_IDENTITY_INVALID, "no role", web_role_missing),
    Situation(slugs.CONTAINER_CREDENTIALS, "a host that may not be asked", container_elsewhere),
    Situation(slugs.CONTAINER_CREDENTIALS, "no answer", container_silent),
    Situation(slugs.ENVIRONMENT_OVERRIDES_PROFILE, "a key that is gone", overridden),
    Situation(slugs.ENVIRONMENT_OVERRIDES_PROFILE, "a session that is over", overridden_by_a_session),
    Situation(slugs.PROFILE_NOT_FOUND, "AWS_PROFILE", misspelt),
    Situation(slugs.PROFILE_NOT_FOUND, "the block's", no_such_argument),
    Situation(slugs.PROFILE_NOT_FOUND, "a role's source", no_such_source),
    Situation(slugs.PROFILE_NOT_FOUND, "a role's source, 1.0", no_such_source, version=OLD),
    Situation(slugs.PROFILE_INCOMPLETE, "half a pair", half_a_profile),
    Situation(slugs.PROFILE_INCOMPLETE, "a role's source without keys", source_without_keys),
    Situation(slugs.PROFILE_INCOMPLETE, "a role's source without keys, 1.0", source_without_keys, version=OLD),
    Situation(slugs.PROFILE_INCOMPLETE, "no such sso-session", no_such_sso_session),
    Situation(slugs.PARTIAL_CREDENTIALS, "in the environment", half_a_pair),
    Situation(slugs.PARTIAL_CREDENTIALS, "in the block", half_a_block),
    Situation(slugs.NO_CREDENTIALS, "nothing anywhere", nothing),
    Situation(slugs.NO_CREDENTIALS, "0.12", nothing, version=OLDEST),
    Situation(slugs.NO_CREDENTIALS, "1.0", nothing, version=OLD),
    Situation(slugs.NO_CREDENTIALS, "the provider", nothing_for_the_provider, PLAN),
    Situation(slugs.REGION_NOT_ENABLED, "the backend", region_off),
    Situation(slugs.REGION_NOT_ENABLED, "the provider", region_off_for_the_provider, PLAN),
    Situation(slugs.WRONG_PARTITION, "China", of_china),
    Situation(slugs.WRONG_PARTITION, "GovCloud", of_gov_cloud),
    Situation(slugs.CLOCK_SKEW, "slow", clock_slow),
    Situation(slugs.CLOCK_SKEW, "fast", clock_fast),
    Situation(slugs.ASSUME_ROLE_DENIED, "the block's role", role_of_the_block),
    Situation(slugs.ASSUME_ROLE_DENIED, "a profile's role", role_of_a_profile),
    Situation(slugs.ASSUME_ROLE_DENIED, "an external id is wanted", external_id_missing),
    Situation(slugs.ACCOUNT_NOT_ALLOWED, "the backend", account),
    Situation(slugs.ACCOUNT_NOT_ALLOWED, "the provider", account_of_the_provider, PLAN),
    Situation(slugs.ACCESS_DENIED, "reading the state", read_denied, PLAN),
    Situation(slugs.ACCESS_DENIED, "the lock table", lock_denied, PLAN),
    Situation(slugs.BACKEND_PROVIDER_MISMATCH, "reading the state", read_of_another_account, PLAN),
    Situation(slugs.BACKEND_PROVIDER_MISMATCH, "a HEAD", head_of_another_account, PLAN),
    Situation(slugs.HIDDEN_S3_STATUS, "the key is good", head_denied, PLAN),
    Situation(slugs.HIDDEN_S3_STATUS, "nobody could be asked", head_denied_and_nobody_asked, PLAN),
    Situation(slugs.STATE_LEFT_BEHIND, "a session that ends in mid-apply", over_in_mid_apply, APPLY),
    Situation(slugs.STATE_LEFT_BEHIND, "a lock that is not let go", lock_not_let_go, APPLY),
    Situation(slugs.UNKNOWN, "no region", no_region),
    Situation(slugs.UNKNOWN, "a refusal that nothing explains", odd_refusal, PLAN),
]
# What the stand cannot bring about, and why: recorded text has it (tests/unit/diagnosis/causes/test_table.py).
ONLY_RECORDED = {slugs.REMOTE_EXECUTION: "the run of a cloud block is carried out by HCP Terraform"}
