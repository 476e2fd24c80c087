"""TFW302 and TFW304 to TFW312: what init saved, what the configuration says, and what lies in the directory."""

from __future__ import annotations

import os
import subprocess
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from testing import world as worlds
from testing.marks import on_terraforms
from testing.terraforms import PATH
from tests.unit.diagnosis.causes.scene import GONE, Scene
from tests.unit.preflight.checks.made import (
    KEY,
    KEY_2,
    OTHER,
    SAVED,
    SECRET,
    SESSION,
    TOKEN,
    accepted,
    backend,
    consumer,
    facts,
    rejected,
    source,
)
from tfwrap.aws import accesskey
from tfwrap.aws.endpoint import Endpoint
from tfwrap.identity.question import NO_KEYS, Answer
from tfwrap.origin import Secret
from tfwrap.preflight.checks import (
    drift,
    errored_state,
    mismatch,
    overridden,
    planned,
    provider_version,
    saved_backend,
    secrets_in_code,
    validation,
    versioned,
)
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.settings.intent import Intent
from tfwrap.sources import sources
from tfwrap.terraform import plan_file
from tfwrap.terraform.block import Block
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand


def said(found: Iterable[Finding]) -> list[tuple[str, str]]:
    findings = list(found)
    assert not [one for one in findings if "canary" in repr(one) or KEY in repr(one)]
    return [(one.id, one.severity) for one in findings]


# TFW302

HELD = SAVED._replace(config={"access_key": KEY, "secret_key": SECRET})
STALE = source(kind=sources.SAVED_BACKEND, location=SAVED.place)
ALONE = [("TFW301", WARNING)]
BOTH = [("TFW302", ERROR), ("TFW301", INFO)]


def with_saved(answer: Answer | None, **more: Any) -> Facts:
    answers = {"backend.s3": answer} if answer else {}
    known = facts(saved=HELD, backend_source=STALE, fresh_source=source(KEY_2), answers=answers)
    return known._replace(**more)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(with_saved(rejected()), BOTH, id="STS rejects it"),
        pytest.param(with_saved(rejected("ExpiredToken")), BOTH, id="its session is over"),
        pytest.param(with_saved(None), ALONE, id="nobody was asked"),
        pytest.param(with_saved(accepted()), ALONE, id="STS accepts it"),
        pytest.param(with_saved(NO_KEYS), ALONE, id="there was nothing to ask with"),
        pytest.param(with_saved(rejected(accepted_in="us-east-1")), ALONE, id="only the region rejects it"),
        pytest.param(with_saved(rejected("SignatureDoesNotMatch", skew=1000)), ALONE, id="only the clock is wrong"),
        pytest.param(
            with_saved(rejected(), fresh_source=sources.Source(sources.NONE)),
            [("TFW301", INFO)],
            id="there is no other",
        ),
        pytest.param(with_saved(rejected(), backend_source=source(KEY_2)), [], id="it is set aside"),
    ],
)
def test_a_stale_saved_key_needs_evidence(known: Facts, expected: list[tuple[str, str]]) -> None:
    assert said(saved_backend.check(known)) == expected


@pytest.mark.parametrize(
    ("key", "age_s", "expected"),
    [(SESSION, 37 * 3600, BOTH), (SESSION, 35 * 3600, ALONE), (KEY, 370 * 3600, ALONE)],
)
def test_a_session_older_than_any_session_is_over(
    tmp_path: Path, key: str, age_s: int, expected: list[tuple[str, str]]
) -> None:
    file = tmp_path / "terraform.tfstate"
    file.write_text("{}")
    now = time.time()
    os.utime(file, (now - age_s, now - age_s))
    held = HELD._replace(path=str(file), config={"access_key": key, "secret_key": SECRET})
    known = with_saved(None, saved=held, backend_source=STALE._replace(access_key=key), now=now)
    assert said(saved_backend.check(known)) == expected
    assert said(saved_backend.check(known._replace(now=0))) == ALONE


# TFW304


def drifted(saved: dict[str, object], declared: dict[str, object], *words: str, kind: str = "s3") -> list[Finding]:
    block = Block((kind,), declared, "/nonexistent/main.tf:3")
    known = facts(*words, saved=SAVED._replace(config=saved), configuration=Configuration(block))
    return list(drift.check(known))


@pytest.mark.parametrize(
    ("saved", "declared", "words", "title", "fix"),
    [
        ({"bucket": "a"}, {"bucket": "b"}, (), "bucket is 'b', and terraform init saved 'a'", "-migrate-state"),
        ({}, {"key": "k"}, (), "key is 'k', and terraform init saved none", "-migrate-state"),
        ({"kms_key_id": "x"}, {"kms_key_id": "canary"}, (), "another value", "-reconfigure"),
        ({"max_retries": 5}, {"max_retries": 6}, (), "max_retries", "-reconfigure"),
        ({"endpoints": {"s3": "a"}}, {"endpoints": {"s3": "b"}}, (), "endpoints", "-migrate-state"),
        ({"bucket": "a"}, {}, ("init", "-backend-config=bucket=b"), "bucket is 'b'", "-migrate-state"),
    ],
)
def test_a_difference_is_told_with_what_applies(
    saved: dict[str, object], declared: dict[str, object], words: tuple[str, ...], title: str, fix: str
) -> None:
    (finding,) = drifted(saved, declared, *words)
    assert said([finding]) == [("TFW304", WARNING)]
    assert title in finding.title
    assert fix in finding.fix[0]


@pytest.mark.parametrize(
    ("saved", "declared", "words"),
    [
        ({"bucket": "a"}, {"bucket": "a"}, ()),
        ({"bucket": "a", "key": "k"}, {"bucket": "a"}, ()),
        ({"bucket": "a"}, {}, ()),
        ({"bucket": "a"}, {"bucket": UNKNOWN}, ()),
        ({"endpoints": {"s3": "a"}}, {"endpoints": {"s3": UNKNOWN}}, ()),
        ({"max_retries": 5}, {"max_retries": "5"}, ()),
        ({"encrypt": True}, {"encrypt": "true"}, ()),
        ({}, {"profile": None, "acl": ""}, ()),
        ({"access_key": KEY, "profile": "a"}, {"profile": "b"}, ()),
        ({"assume_role": {"role_arn": "a"}}, {"assume_role": {"role_arn": "b"}}, ()),
        ({"bucket": "a"}, {"bucket": "b"}, ("init", "-reconfigure")),
        ({"bucket": "a"}, {"bucket": "b"}, ("init", "-migrate-state")),
        ({"bucket": "b"}, {"bucket": "a"}, ("init", "-backend-config=bucket=b")),
        ({"bucket": "a"}, {}, ("init", "-backend-config=a.s3.tfbackend")),
    ],
)
def test_no_difference_is_told_where_there_is_none(
    saved: dict[str, object], declared: dict[str, object], words: tuple[str, ...]
) -> None:
    assert drifted(saved, declared, *words) == []


def test_another_kind_of_backend_is_told() -> None:
    (finding,) = drifted({}, {}, kind="gcs")
    assert "type is 'gcs', and terraform init saved 's3'" in finding.title


@pytest.mark.parametrize(("older_s", "severity"), [(60, INFO), (-60, WARNING)])
def test_a_difference_as_old_as_the_init_is_information(tmp_path: Path, older_s: int, severity: str) -> None:
    module, saved = tmp_path / "main.tf", tmp_path / "terraform.tfstate"
    for file in (module, saved):
        file.write_text("")
    os.utime(module, (time.time() - older_s,) * 2)
    known = facts(
        saved=SAVED._replace(path=str(saved), config={"bucket": "a"}),
        configuration=Configuration(Block(("s3",), {"bucket": "b"}, f"{module}:3")),
    )
    assert said(drift.check(known)) == [("TFW304", severity)]


# TFW305

LEAKS = {
    "a provider's block": ("main.tf", f'provider "aws" {{\n  access_key = "{KEY}"\n  secret_key = "{SECRET}"\n}}\n', 3),
    "the default of a variable with a telling name": (
        "main.tf",
        f'variable "aws_secret" {{\n  default = "{SECRET}"\n}}\n',
        2,
    ),
    "a session token": ("main.tf", f'provider "aws" {{\n  token = "{TOKEN}"\n}}\n', 2),
    "JSON": ("main.tf.json", f'{{"provider": {{"aws": {{"secret_key": "{SECRET}"}}}}}}', 1),
    "a file of variables, without spaces": ("terraform.tfvars", f'\n\naws_secret_access_key="{SECRET}"', 3),
    "a file of variables in JSON": ("x.auto.tfvars.json", f'{{\n"secret": "{SECRET}"}}', 2),
    "a file that -var-file names": ("given.tfvars", f'my_secret = "{SECRET}"', 1),
    "a file that -backend-config names": ("lab.s3.tfbackend", f'secret_key = "{SECRET}"', 1),
}
CLEAN = {
    "a reference": ("main.tf", 'provider "aws" {\n  secret_key = var.secret\n}\n'),
    "an emulator's keys": ("main.tf", 'provider "aws" {\n  secret_key = "test"\n  access_key = "test"\n}\n'),
    "a comment": ("main.tf", f'# secret_key = "{SECRET}"\n'),
    "a key id alone is no secret": (
        "main.tf",
        f'provider "aws" {{\n  access_key = "{KEY}"\n  secret_key = var.s\n}}\n',
    ),
    "the name says nothing of a secret": (
        "main.tf",
        f'variable "digest" {{\n  default = "{SECRET}" # no secret by its name\n}}\n',
    ),
    "a digest in hexadecimal": (
        "main.tf",
        'variable "secret_rev" {\n  default = "da39a3ee5e6b4b0d3255bfef95601890afd80709"\n}\n',
    ),
    "a placeholder": ("main.tf", 'secret_key = "madeUpByTheTests0123456789abcdEXAMPLEKEY"\n'),
    "another kind of token": (
        "main.tf",
        'resource "x" "y" {\n  next_token = "made-up-pagination-token-of-no-session"\n}\n',
    ),
    "bytes that are no text": ("terraform.tfvars", "\x00\xff secret"),
    "a file of variables that Terraform does not read": ("unread.tfvars", f'secret = "{SECRET}"'),
    "a file that is nothing of Terraform's": ("notes.txt", f'secret = "{SECRET}"'),
}
GIVEN = ("plan", "-var-file=given.tfvars", "-backend-config=lab.s3.tfbackend", "-var-file=/nonexistent")


@pytest.mark.parametrize(("name", "text", "line"), LEAKS.values(), ids=LEAKS)
def test_a_secret_in_clear_is_told_by_its_line(tmp_path: Path, name: str, text: str, line: int) -> None:
    (tmp_path / name).write_text(text)
    found = list(secrets_in_code.check(facts(*GIVEN, directory=str(tmp_path))))
    assert said(found) == [("TFW305", WARNING)]
    assert found[0].title.startswith(f"{name}:{line} holds a secret in clear")


@pytest.mark.parametrize(("name", "text"), CLEAN.values(), ids=CLEAN)
def test_what_is_no_secret_is_not_told(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert said(secrets_in_code.check(facts(*GIVEN, directory=str(tmp_path)))) == []


# TFW306


def repository(folder: Path, *tracked: str) -> Facts:
    saved = folder / ".terraform" / "terraform.tfstate"
    saved.parent.mkdir()
    saved.write_text("{}")
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_DIR": "/nonexistent"}
    clean = {name: value for name, value in environ.items() if name != "GIT_DIR"}
    for words in (("init", "-q"), *(("add", "-f", name) for name in tracked)):
        subprocess.run(["git", *words], cwd=folder, env=clean, check=True, timeout=30)
    return facts(saved=HELD._replace(path=str(saved)), environ=environ)


WEB = "assume_role_with_web_identity"
TELLS: dict[str, dict[str, object]] = {
    "a pair": {"access_key": KEY, "secret_key": SECRET},
    "a key alone": {"access_key": KEY},
    "a secret alone": {"secret_key": SECRET},
    "a token alone": {"token": TOKEN},
    "a token in a role's argument": {WEB: {"role_arn": "r", "web_identity_token": "canary"}},
    "a token in a role's block": {WEB: [{"role_arn": "r", "web_identity_token": "canary"}]},
}
HARMLESS: dict[str, dict[str, object]] = {
    "only an address": {"bucket": "b", "key": "k"},
    "a profile": {"profile": "lab"},
    "an empty key": {"access_key": ""},
    "a role": {"assume_role": {"role_arn": "r"}},
    "a token that was not set": {WEB: {"role_arn": "r", "web_identity_token": None}},
    "a token in a file": {WEB: {"role_arn": "r", "web_identity_token_file": "f"}},
}


def holding(known: Facts, config: dict[str, object]) -> Facts:
    return known._replace(saved=HELD._replace(path=known.saved.path, config=config))  # type: ignore[union-attr]


@pytest.mark.parametrize("config", TELLS.values(), ids=TELLS)
def test_a_tracked_file_with_a_credential_is_told(tmp_path: Path, config: dict[str, object]) -> None:
    assert said(versioned.check(holding(repository(tmp_path, ".terraform"), config))) == [("TFW306", WARNING)]


@pytest.mark.parametrize("config", HARMLESS.values(), ids=HARMLESS)
def test_a_tracked_file_without_a_credential_is_not_told(tmp_path: Path, config: dict[str, object]) -> None:
    assert said(versioned.check(holding(repository(tmp_path, ".terraform"), config))) == []


def test_nothing_that_the_repository_configures_is_run(tmp_path: Path) -> None:
    known = repository(tmp_path, ".terraform")
    marker = tmp_path / "ran"
    with open(tmp_path / ".git" / "config", "a", encoding="utf-8") as file:
        file.write(f'[core]\n\tfsmonitor = "touch {marker}"\n')
    assert said(versioned.check(known)) == [("TFW306", WARNING)]
    assert not marker.exists()


def test_without_git_nothing_is_told(tmp_path: Path) -> None:
    assert said(versioned.check(repository(tmp_path, ".terraform")._replace(environ={"PATH": "."}))) == []


def test_a_file_that_git_does_not_know_is_not_told(tmp_path: Path) -> None:
    assert said(versioned.check(repository(tmp_path))) == []


def test_without_a_repository_nothing_is_told(tmp_path: Path) -> None:
    saved = HELD._replace(path=str(tmp_path / "terraform.tfstate"))
    assert said(versioned.check(facts(saved=saved, environ=dict(os.environ)))) == []


# TFW307

ROLE = "arn:aws:iam::222222222222:role/x"


@pytest.mark.parametrize(
    ("state", "resources", "expected"),
    [
        pytest.param(backend(), consumer(used=source(OTHER)), WARNING, id="another account, by nobody's wish"),
        pytest.param(backend(), consumer(used=source(OTHER), profile="b"), INFO, id="by the provider's profile"),
        pytest.param(
            backend(), consumer(used=source(roles=(ROLE,)), assume_role={"role_arn": ROLE}), INFO, id="by a role"
        ),
        pytest.param(backend(), consumer(used=source(KEY_2)), INFO, id="another key of the same account"),
        pytest.param(backend(), consumer(), "", id="the same key"),
        pytest.param(backend(), consumer(used=sources.Source(sources.IMDS)), "", id="a key that nobody knows"),
        pytest.param(
            backend(source(roles=(ROLE,))),
            consumer(used=source(OTHER)),
            "",
            id="another key, the same account by a role",
        ),
        pytest.param(
            backend(source(roles=(ROLE,))), consumer(used=source(OTHER, roles=(ROLE,))), "", id="both assume one role"
        ),
        pytest.param(backend(sources.Source(sources.NONE)), consumer(), "", id="a backend without credentials"),
    ],
)
def test_backend_and_provider_are_compared(state: Any, resources: Any, expected: str) -> None:
    found = said(mismatch.check(facts(consumers=(state, resources))))
    assert found == ([("TFW307", expected)] if expected else [])


def test_a_provider_alone_is_compared_with_nobody() -> None:
    assert said(mismatch.check(facts(consumers=(consumer(), consumer("provider.aws.b", source(OTHER)))))) == []


# TFW308


@on_terraforms(PATH, "1.0.3", "0.12.29", "1.15.5")
def test_a_real_plan_is_read(world: World, stand: Stand, terraform: Terraform) -> None:
    key, bucket = stand.keys.create(), f"plans-{terraform.version.replace('.', '-')}"
    stand.create_bucket(bucket)
    given = {"bucket": f'"{bucket}"', "key": '"k"'} | stand.backend_arguments(terraform.version)
    lines = "".join(f"    {name} = {value}\n" for name, value in given.items())
    text = f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\noutput "access_key" {{\n  value = "decoy"\n}}\n'
    (world.cwd / "main.tf").write_text(text)
    keys = (f"-backend-config=access_key={key.id}", f"-backend-config=secret_key={key.secret}")
    for words in (["init", "-input=false", *keys], ["plan", "-out=x.plan"]):
        assert worlds.run(world, [terraform.path, *words], env={**stand.environment()}).status == 0
    found = plan_file.read(str(world.cwd / "x.plan"))
    assert found == plan_file.PlannedBackend(key.id, Secret(key.secret), None)
    known = facts("apply", "x.plan", directory=str(world.cwd))
    assert [one.severity for one in planned.check(known)] == [INFO]
    assert [one.severity for one in planned.check(known._replace(fresh_source=source(KEY_2)))] == [WARNING]
    used = backend(source(key.id, secret_key=Secret(key.secret)))
    refused = known._replace(consumers=(used,), answers={"backend.s3": rejected()})
    (finding,) = planned.check(refused)
    assert (finding.severity, accesskey.mask(key.id) in finding.title) == (ERROR, True)
    assert key.secret not in repr(finding)
    assert list(planned.check(facts("apply", directory=str(world.cwd)))) == []


PLANNED = {"bucket": "b", "access_key": GONE, "secret_key": SECRET}
PROFILE_PLANNED = {"bucket": "b", "profile": "lab"}


@pytest.mark.parametrize(
    ("held", "words"),
    [
        pytest.param(PROFILE_PLANNED, "apply tfplan", id="its backend names a profile, which is looked up again"),
        pytest.param({"bucket": "b"}, "apply tfplan", id="its backend names nobody"),
        pytest.param(PLANNED, "apply", id="it is not the plan that is applied"),
        pytest.param(PLANNED, "plan -out=tfplan", id="it is written anew"),
        pytest.param(None, "apply tfplan", id="it is not there: Terraform says so"),
    ],
)
def test_a_plan_without_keys_or_that_nobody_applies_is_not_told(
    tmp_path: Path, held: dict[str, str] | None, words: str
) -> None:
    here = Scene("", planned=PLANNED, words=("apply", "tfplan"))
    assert said(planned.check(here.facts(tmp_path / "with"))) == [("TFW308", INFO)]
    assert (
        said(planned.check(here._replace(planned=held, words=tuple(words.split())).facts(tmp_path / "without"))) == []
    )


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"x" * 99, b"\x6a\xff", b"\x6a\x05ab", b"\x80" * 20, b"\x6b", b"j\x04\n\x02s3"]
)
def test_what_is_no_plan_is_none(tmp_path: Path, content: bytes) -> None:
    bare, inner = tmp_path / "bare", tmp_path / "zip"
    bare.write_bytes(content)
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tfplan", content)
    assert plan_file.read(str(bare)) is None
    found = plan_file.read(str(inner))
    assert found is None or not found.access_key
    assert plan_file.read(str(tmp_path)) is None


# TFW309

LOCK = 'provider "example.com/hashicorp/{name}" {{\n  version     = "{version}"\n{more}  hashes = ["h1:x"]\n}}\n'
ASKED = '  constraints = ">= 3.0"\n'


@pytest.mark.parametrize(
    ("name", "version", "more", "expected"),
    [
        pytest.param("aws", "3.39.0", ASKED, INFO, id="it retries an expired token for most of an hour"),
        pytest.param("aws", "2.70.0", "", INFO, id="so does an older one"),
        pytest.param("aws", "5.100.0", "", INFO, id="nothing says which versions will do"),
        pytest.param("aws", "5.100.0", ASKED, "", id="something says it"),
        pytest.param("aws", "4.0.0", ASKED, "", id="the first with the second SDK"),
        pytest.param("random", "3.1.0", "", "", id="a provider that asks nobody at AWS"),
        pytest.param("awscc", "1.2.0", "", "", id="another provider of AWS, with versions of its own"),
    ],
)
def test_the_locked_provider_is_looked_at(tmp_path: Path, name: str, version: str, more: str, expected: str) -> None:
    (tmp_path / ".terraform.lock.hcl").write_text("# made\n\n" + LOCK.format(name=name, version=version, more=more))
    found = said(provider_version.check(facts(directory=str(tmp_path))))
    assert found == ([("TFW309", expected)] if expected else [])


def test_without_a_lock_file_nothing_is_said_of_it(tmp_path: Path) -> None:
    assert said(provider_version.check(facts(directory=str(tmp_path)))) == []


# TFW310

PLACEHOLDER, INSTANCE = "AKIAMADEUP00" + "EXAMPLE", sources.Source(sources.IMDS)
EMULATOR = Endpoint("us-east-1", "http://localhost:4566")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(consumer(skip_credentials_validation=True), WARNING, id="bad keys are noticed late"),
        pytest.param(consumer(skip_credentials_validation="true"), WARNING, id="the same as a text"),
        pytest.param(consumer(skip_requesting_account_id=True), INFO, id="the account is not known"),
        pytest.param(consumer(skip_metadata_api_check="true"), INFO, id="the instance is not asked"),
        pytest.param(consumer(skip_credentials_validation=False), "", id="it is not skipped"),
        pytest.param(consumer(skip_credentials_validation=UNKNOWN), "", id="only Terraform can tell"),
        pytest.param(consumer(skip_region_validation=True), "", id="a region is no credential"),
        pytest.param(consumer(), "", id="nothing is said"),
        pytest.param(consumer(where=EMULATOR, skip_credentials_validation=True), "", id="an emulator wants it"),
        pytest.param(consumer(used=source("test"), skip_credentials_validation=True), "", id="an emulator's key"),
        pytest.param(consumer(used=source(PLACEHOLDER), skip_credentials_validation=True), "", id="a placeholder"),
        pytest.param(consumer(used=INSTANCE, skip_credentials_validation=True), "", id="no key is at hand"),
    ],
)
def test_skipped_validation_is_told_beside_real_keys(one: Any, expected: str) -> None:
    found = said(validation.check(facts(consumers=(one,))))
    assert found == ([("TFW310", expected)] if expected else [])


# TFW311

MEANT = Intent("lab", ".tfwrap.toml", is_configured=True)
UNASKED = MEANT._replace(is_configured=False)


@pytest.mark.parametrize(
    ("one", "meant", "fires"),
    [
        pytest.param(consumer(profile="prod"), MEANT, True, id="another profile"),
        pytest.param(backend(STALE), MEANT, True, id="keys that init saved"),
        pytest.param(consumer(used=source(kind=sources.BLOCK)), MEANT, True, id="keys of the block"),
        pytest.param(consumer(profile="lab"), MEANT, False, id="the same profile"),
        pytest.param(consumer(profile=""), MEANT, False, id="an empty one is none"),
        pytest.param(consumer(profile=UNKNOWN), MEANT, False, id="only Terraform can tell which"),
        pytest.param(consumer(), MEANT, False, id="the block says nothing"),
        pytest.param(consumer(profile="prod"), UNASKED, False, id="nobody told tfwrap the profile"),
        pytest.param(consumer(profile="prod"), Intent(), False, id="no profile is meant"),
    ],
)
def test_a_block_that_goes_before_the_meant_profile_is_told(one: Any, meant: Intent, fires: bool) -> None:
    found = said(overridden.check(facts(consumers=(one,), intent=meant)))
    assert found == ([("TFW311", WARNING)] if fires else [])


# TFW312


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("apply", ERROR, id="apply would create again what only that file knows"),
        pytest.param("destroy", ERROR, id="destroy would leave it behind"),
        pytest.param("import", ERROR, id="import writes the next state"),
        pytest.param("refresh", ERROR, id="refresh writes the next state"),
        pytest.param("plan", WARNING, id="a plan does not know it"),
        pytest.param("state push errored.tfstate", "", id="the way out"),
        pytest.param("init", "", id="init makes no state"),
        pytest.param("output", "", id="output only reads"),
        pytest.param("show", "", id="show only reads"),
        pytest.param("force-unlock made-up", "", id="the lock goes first, where one is left"),
    ],
)
def test_a_state_that_could_not_be_saved_is_told_before_it_is_forked(tmp_path: Path, words: str, expected: str) -> None:
    known = facts(*words.split(), directory=str(tmp_path))
    assert said(errored_state.check(known)) == []
    (tmp_path / "errored.tfstate").mkdir()
    assert said(errored_state.check(known)) == []
    (tmp_path / "errored.tfstate").rmdir()
    (tmp_path / "errored.tfstate").write_text("{}")
    assert said(errored_state.check(known)) == ([("TFW312", expected)] if expected else [])
