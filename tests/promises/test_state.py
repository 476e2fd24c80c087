"""Promise 3: never another state, never a second apply. The real Terraform on the stand, and leave to reconfigure."""

from __future__ import annotations

import json
import shutil
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from testing import terraforms
from testing import world as worlds
from testing.marks import on_terraforms
from testing.place import RETRIED, Place, made, read, reconfigured
from tests.unit.recovery.refreshing import jwt
from tfwrap.recovery import reconfigurable

if TYPE_CHECKING:
    from collections.abc import Callable

    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

ELSEWHERE = "222222222222"


@pytest.fixture
def place(world: World, stand: Stand, terraform: Terraform) -> Place:
    return made(world, stand, terraform)


class Case(NamedTuple):
    """A situation in which nothing may be retried: what comes before the rotation, what after, and what is typed.

    `condition` is the first of the gate's conditions that does not hold.
    """

    prepare: Callable[[Place], None] = Place.initialise
    spoil: Callable[[Place], None] = lambda _: None
    words: tuple[str, ...] = ("plan", "-no-color")
    env: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default, never changed
    says: str = "InvalidClientTokenId"
    objection: str = "not done for you: "
    condition: str = ""


def with_a_plan_file(place: Place) -> None:
    place.initialise()
    place.write(output="10.1.0.0/16")
    place.must("plan", "-out=tfplan")


def with_the_key_in_the_block(place: Place) -> None:
    place.write(access_key=f'"{place.old.id}"', secret_key=f'"{place.old.secret}"')
    place.must("init", "-input=false")
    place.must("apply", "-auto-approve")


def with_an_argument_that_overrides_the_block(place: Place) -> None:
    place.initialise("-backend-config=key=other/terraform.tfstate")


def with_a_prefix_that_overrides_the_block(place: Place) -> None:
    place.write(workspace_key_prefix='"envs"')
    place.initialise("-backend-config=workspace_key_prefix=others")


def local_state(place: Place, name: str) -> None:
    path = place.module / name
    path.parent.mkdir(parents=True, exist_ok=True)
    outputs = {"old": {"value": "kept", "type": "string"}}
    state = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": outputs}
    path.write_text(json.dumps({**state, "resources": []}))


def rotated_into_another_account(place: Place) -> None:
    key = place.stand.keys.create(account=ELSEWHERE)
    profile = {"aws_access_key_id": key.id, "aws_secret_access_key": key.secret}
    worlds.write_credentials(place.world, {"default": profile})


def without_credentials(place: Place) -> None:
    shutil.rmtree(place.world.home / ".aws")


def without_a_block(place: Place) -> None:
    (place.module / "main.tf").write_text('output "network" {\n  value = "s3"\n}\n')


def unreadable(place: Place) -> None:
    with (place.module / "other.tf").open("w") as file:
        file.write('provider "aws" {\n')


def emptied(place: Place) -> None:
    place.data_dir.joinpath("terraform.tfstate").write_bytes(b"{")


def role_of_another_account(place: Place) -> None:
    """The key that assumes the role is of the right account; the role is not."""
    key = {"aws_access_key_id": place.new.id, "aws_secret_access_key": place.new.secret}
    worlds.write_credentials(place.world, {"base": key})
    role = place.stand.keys.add_role(ELSEWHERE, "deploy").arn
    worlds.write_config(place.world, {"default": {"role_arn": role, "source_profile": "base"}})


def file_of_the_settings(place: Place, text: str | None) -> None:
    """The settings name a file of backend values, which says this, or is not there."""
    folder = place.world.home / ".config" / "tfwrap"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('backend_config = ["prod.s3.tfbackend"]\n')
    if text is not None:
        (place.module / "prod.s3.tfbackend").write_text(text)


def with_a_token_inside_a_role(place: Place) -> None:
    """Beside the keys, which go first; by a file, for it is no plain value."""
    role = {"role_arn": place.stand.keys.add_role("111111111111", "pipeline").arn, "session_name": "job"}
    values = {"assume_role_with_web_identity": {**role, "web_identity_token": jwt(time.time() + 3600)}}
    given = place.world.root / "role.json"
    given.write_text(json.dumps(values))
    place.initialise(f"-backend-config={given}")
    assert place.saved()["config"]["assume_role_with_web_identity"]["web_identity_token"]


CHANGED = "Backend initialization required"
CASES = {
    "a plan file given to apply": Case(
        with_a_plan_file, words=("apply", "-no-color", "tfplan"), objection="the plan file tfplan carries the key"
    ),
    "the key in the backend block": Case(with_the_key_in_the_block, objection="holds access_key and secret_key"),
    "a local state in the way": Case(
        spoil=lambda place: local_state(place, "terraform.tfstate"), condition="no local state is in the way"
    ),
    "a local workspace's state in the way": Case(
        spoil=lambda place: local_state(place, "terraform.tfstate.d/prod/terraform.tfstate"),
        condition="no local state is in the way",
    ),
    "a state that could not be saved": Case(
        spoil=lambda place: local_state(place, "errored.tfstate"), condition="no state waits to be pushed"
    ),
    "the key of the state overridden": Case(
        with_an_argument_that_overrides_the_block, condition="saved and declared values agree"
    ),
    "the prefix of the workspaces overridden": Case(
        with_a_prefix_that_overrides_the_block, condition="saved and declared values agree"
    ),
    "another account": Case(spoil=rotated_into_another_account, condition="they are of the same account"),
    "a role of another account": Case(spoil=role_of_another_account, condition="they are of the same account"),
    "the other credentials rejected too": Case(
        spoil=lambda place: place.stand.keys.deactivate(place.new.id),
        condition="other credentials are there, and AWS accepts them",
    ),
    "no other credentials": Case(
        spoil=without_credentials, condition="other credentials are there, and AWS accepts them"
    ),
    "other credentials that cannot be asked about": Case(
        env={"TFWRAP_OFFLINE": "1"}, condition="other credentials are there, and AWS accepts them"
    ),
    "an init that would migrate": Case(
        env={"TF_CLI_ARGS_init": "-migrate-state"}, condition="no other option changes what init does"
    ),
    "an init that would be given a key": Case(
        env={"TF_CLI_ARGS_init": "-backend-config=access_key=x"},
        objection="TF_CLI_ARGS_init holds access_key",
        condition="no credential comes by -backend-config",
    ),
    "an init of the user's own that moves the state": Case(
        words=("init", "-migrate-state", "-input=false"),
        objection="your init has -migrate-state",
        condition="your own init moves no state",
    ),
    "a file of values with the old key in it": Case(
        spoil=lambda place: file_of_the_settings(place, f'# prod\naccess_key = "{place.old.id}"\n'),
        objection="prod.s3.tfbackend:2 holds access_key",
        condition="no credential comes by -backend-config",
    ),
    "a token that is saved inside a role": Case(
        with_a_token_inside_a_role,
        objection="the saved backend holds assume_role_with_web_identity.web_identity_token",
        condition="no token is saved inside a role",
    ),
    "a file of values that is gone": Case(
        spoil=lambda place: file_of_the_settings(place, None),
        objection="prod.s3.tfbackend",
        condition="every file of -backend-config values can be read",
    ),
    "a file of values for another state": Case(
        spoil=lambda place: file_of_the_settings(place, 'key = "other"\n'),
        objection="prod.s3.tfbackend:1 and the saved backend differ in key",
        condition="saved and declared values agree",
    ),
    "a file of variables that can be read only once": Case(
        words=("plan", "-no-color", "-var-file=/dev/null"), condition="everything that was read can be read again"
    ),
    "an init that would skip the backend": Case(env={"TF_CLI_ARGS": "-backend=false"}, says="-backend"),
    "leave for something else": Case(env={"TFWRAP_AUTO": "refresh"}, objection="fix: terraform init -reconfigure"),
    "no leave": Case(env={"TFWRAP_AUTO": "off"}, objection="fix: terraform init -reconfigure"),
    "strict mode": Case(env={"TFWRAP_STRICT": "1"}, objection="refused"),
    "the bucket edited in the block": Case(spoil=lambda place: place.write(bucket='"elsewhere"'), says=CHANGED),
    "the key edited in the block": Case(spoil=lambda place: place.write(key='"elsewhere"'), says=CHANGED),
    "the backend block deleted": Case(spoil=without_a_block, says=CHANGED),
    "a module that does not parse": Case(spoil=unreadable, says="Unclosed configuration block"),
    "a saved file that is damaged": Case(spoil=emptied, says="Failed to load state"),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_nothing_is_retried_and_nothing_changed(place: Place, case: Case) -> None:
    case.prepare(place)
    place.stand.keys.delete(place.old.id)
    case.spoil(place)
    bare = place.bare(*case.words, env=dict(case.env))
    before = place.snapshot()
    done = place.guarded(*case.words, env=dict(case.env))
    assert place.snapshot() == before
    assert RETRIED not in done.stderr
    assert not list(place.data_dir.glob("*tfwrap*"))
    said = [line for line in done.stderr.decode().splitlines() if line.startswith("tfwrap: ")]
    if "TFWRAP_STRICT" in case.env:
        assert done.status == 120
        return
    assert (done.status, done.stdout) == (bare.status, bare.stdout)
    assert case.says in bare.stderr.decode()
    assert bare.status != 0
    if case.says == "InvalidClientTokenId":
        assert [line for line in said if case.objection in line], said
    if case.condition:
        assert next(each["name"] for each in conditions(place) if not each["held"]) == case.condition


def conditions(place: Place) -> list[dict[str, Any]]:
    """What the record says of the gate's conditions."""
    done = worlds.run(
        place.world, [sys.executable, "-I", "-m", "tfwrap", "--explain", "--format", "json"], {}, place.module
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)["conditions"]
    return found


# What no case above can show by itself, and where it is shown.
ELSEWHERE_SHOWN = {
    "a stale saved key is the cause": "the remedy is proposed for no other cause (test_gate.py)",
    "the backend could not be configured": "test_a_failure_of_the_provider_is_not_the_backends",
    "the backend or a provider could not be configured": "test_a_failure_of_the_provider_is_not_the_backends",
    "nothing had started": "test_second_apply.py",
    "no lock is left": "a key that is refused is so before it takes a lock (test_gate.py)",
    "no plan file was given": "a plan's own key is another cause: the first case above",
    "the root module is where Terraform works": "test_a_root_module_given_as_an_argument_is_left_to_the_user",
    "the backend block is there and can be read": "Terraform's own errors come first: the last cases above",
    "no credential stands in the backend block": "there is nothing else to use then: the second case above",
}


def test_every_condition_has_a_real_case() -> None:
    shown = {case.condition for case in CASES.values()} | set(ELSEWHERE_SHOWN)
    assert {condition.name for condition in reconfigurable.RECONFIGURE} <= shown


@on_terraforms("0.12.29")
def test_a_root_module_given_as_an_argument_is_left_to_the_user(place: Place) -> None:
    folder = place.module.parent
    assert place.bare("init", "-input=false", *place.keys(), "net", cwd=folder).status == 0
    assert place.bare("apply", "-auto-approve", "net", cwd=folder).status == 0
    place.stand.keys.delete(place.old.id)
    before = place.snapshot(folder / ".terraform")
    done = place.guarded("plan", "net", cwd=folder)
    assert done.status == 1
    assert b"not done for you: the root module was given as an argument" in done.stderr
    assert place.snapshot(folder / ".terraform") == before


def test_an_init_of_the_users_own_with_the_old_key_is_not_repeated(place: Place) -> None:
    place.initialise()
    place.stand.keys.delete(place.old.id)
    before = place.snapshot()
    done = place.guarded("init", "-input=false", *place.keys())
    assert done.status == place.bare("init", "-input=false", *place.keys()).status == 1
    assert place.snapshot() == before
    assert RETRIED not in done.stderr
    assert b"fix: terraform init -reconfigure" in done.stderr


def test_a_selected_workspace_that_is_gone_is_not_left_for_another(place: Place) -> None:
    place.initialise()
    place.must("workspace", "new", "prod")
    client = place.client()
    client.delete_object(Bucket=place.bucket, Key="env:/prod/net/terraform.tfstate")
    client.close()
    place.stand.keys.delete(place.old.id)
    before = place.snapshot()
    done = place.guarded("plan")
    assert done.status == 1
    assert b"the state's address or the selected workspace would not be the same" in done.stderr
    assert b"should now work" not in done.stderr
    assert place.snapshot() == before


@on_terraforms("0.12.29", "1.0.3", terraforms.PATH, "1.15.5")
def test_a_workspace_of_the_environment_that_is_gone_is_not_made_anew(place: Place) -> None:
    """Newer versions write an empty state for it as soon as they may (tried); no retry has a part in that."""
    place.initialise()
    place.must("workspace", "new", "lab")
    place.must("workspace", "select", "default")
    client = place.client()
    client.delete_object(Bucket=place.bucket, Key="env:/lab/net/terraform.tfstate")
    client.close()
    place.stand.keys.delete(place.old.id)
    before = place.snapshot()
    done = place.guarded("output", env={"TF_WORKSPACE": "lab"})
    assert done.status == 1, done
    assert b"workspace lab is not there" in done.stderr
    assert place.snapshot() == before
    assert not list(place.data_dir.glob("*tfwrap*"))


def test_a_failure_of_init_puts_everything_back(place: Place) -> None:
    """A module that is not there: plan fails over the key before it looks, init looks."""
    place.write(use_lockfile="true")
    place.initialise()
    place.stand.keys.delete(place.old.id)
    with (place.module / "modules.tf").open("w") as file:
        file.write('module "gone" {\n  source = "./gone"\n}\n')
    before = place.snapshot()
    done = place.guarded("workspace", "list")
    assert b"tried init -reconfigure and put everything back" in done.stderr
    assert done.status == 1
    assert place.snapshot() == before
    assert not list(place.data_dir.glob("*tfwrap*"))


@pytest.mark.slow
def test_a_failure_of_the_provider_is_not_the_backends(place: Place) -> None:
    try:
        cli_config = terraforms.cli_config("5.100.0")
    except terraforms.Unavailable as reason:
        pytest.skip(str(reason))
    place.initialise()
    settings = place.stand.provider_settings("5.100.0")
    with (place.module / "provider.tf").open("w") as file:
        file.write(f'provider "aws" {{\n{settings}}}\ndata "aws_caller_identity" "me" {{}}\n')
    env = {"TF_CLI_CONFIG_FILE": str(cli_config)}
    place.must("init", "-input=false", env={**env})
    place.stand.keys.delete(place.new.id)
    before = place.snapshot()
    done = place.guarded("plan", env={**env})
    assert done.status == 1
    assert b"InvalidClientTokenId" in done.stderr
    assert RETRIED not in done.stderr
    assert place.snapshot() == before


# The other side: when all conditions hold, the state is the same one, and it is read with the new key.


@pytest.mark.parametrize(
    "module",
    ["net", "réseau de test", 'it\'s "quoted" $HOME', "ネットワーク", "-begins-with-a-dash", "a\\backslash"],
)
def test_the_state_is_the_same_wherever_the_module_lies(
    world: World, stand: Stand, terraform: Terraform, module: str
) -> None:
    place = made(world, stand, terraform, module)
    place.initialise("-backend-config=encrypt=true")
    place.stand.keys.delete(place.old.id)
    saved, objects = place.saved(), place.objects()
    done = place.guarded("plan", "-detailed-exitcode")
    assert done.status == 0, done
    assert RETRIED in done.stderr
    reconfigured(saved, place.saved())
    assert place.objects() == objects
    assert not list(place.data_dir.glob("*tfwrap*"))


def test_the_workspace_and_its_prefix_are_the_same(place: Place) -> None:
    place.initialise("-backend-config=workspace_key_prefix=umgebungen/größe ${x}")
    place.must("workspace", "new", "prod")
    place.write(output="10.9.0.0/16")
    place.must("apply", "-auto-approve")
    place.stand.keys.delete(place.old.id)
    saved, objects = place.saved(), place.objects()
    assert "umgebungen/größe ${x}/prod/net/terraform.tfstate" in objects
    done = place.guarded("plan", "-detailed-exitcode")
    assert (done.status, RETRIED in done.stderr) == (0, True), done
    reconfigured(saved, place.saved())
    assert read(place.data_dir / "environment") == b"prod"
    assert place.objects() == objects
    assert place.guarded("workspace", "show").stdout == b"prod\n"


def test_a_workspace_of_the_environment_is_the_same(place: Place) -> None:
    place.initialise()
    place.must("workspace", "new", "lab")
    place.must("workspace", "select", "default")
    place.stand.keys.delete(place.old.id)
    objects = place.objects()
    done = place.guarded("output", "-json", env={"TF_WORKSPACE": "lab"})
    assert (done.status, json.loads(done.stdout)) == (0, {}), done
    assert read(place.data_dir / "environment") == b"default"
    assert place.objects() == objects


def test_a_data_directory_of_its_own_is_used(place: Place) -> None:
    env = {"TF_DATA_DIR": "dätä dir/x"}
    folder = place.module / "dätä dir" / "x"
    place.initialise("-backend-config=max_retries=3", env={**env})
    place.stand.keys.delete(place.old.id)
    saved = place.saved(folder)
    done = place.guarded("plan", env={**env})
    assert (done.status, RETRIED in done.stderr) == (0, True), done
    reconfigured(saved, place.saved(folder))
    assert not place.data_dir.exists()
    assert not list(folder.glob("*tfwrap*"))


def test_chdir_is_followed(world: World, stand: Stand, terraform: Terraform) -> None:
    place = made(world, stand, terraform, "réseau 1")
    place.initialise("-backend-config=max_retries=3")
    place.stand.keys.delete(place.old.id)
    saved = place.saved()
    done = place.guarded("-chdir=réseau 1", "plan", cwd=place.module.parent)
    assert (done.status, RETRIED in done.stderr) == (0, True), done
    reconfigured(saved, place.saved())
    assert not (place.module.parent / ".terraform").exists()


def test_values_of_every_kind_are_given_again(place: Place) -> None:
    url = place.stand.url
    place.write(region="", use_path_style="")
    given = (
        "region=us-east-1",
        "use_path_style=true",
        "encrypt=true",
        "max_retries=4",
        "skip_region_validation=true",
        "skip_metadata_api_check=true",
        "use_lockfile=true",
        f'endpoints={{"s3": "{url}", "sts": "{url}", "iam": "{url}"}}',
        'allowed_account_ids=["222222222222", "111111111111"]',
        "workspace_key_prefix=a ${b} %{c} \\ 'd' \"e\"",
    )
    place.initialise(*(f"-backend-config={value}" for value in given))
    place.stand.keys.delete(place.old.id)
    saved, objects = place.saved(), place.objects()
    done = place.guarded("plan", "-detailed-exitcode")
    assert (done.status, RETRIED in done.stderr) == (0, True), done
    reconfigured(saved, place.saved())
    assert place.saved()["config"]["allowed_account_ids"] == ["111111111111", "222222222222"]
    assert place.objects() == objects


def test_values_that_the_block_writes_in_another_form_are_no_other_address(place: Place) -> None:
    place.write(max_retries='"5"', encrypt='"true"', allowed_account_ids='["222222222222", "111111111111"]')
    place.initialise("-backend-config=skip_region_validation=true")
    place.stand.keys.delete(place.old.id)
    saved = place.saved()
    done = place.guarded("plan", "-detailed-exitcode")
    assert (done.status, RETRIED in done.stderr) == (0, True), done
    reconfigured(saved, place.saved())


def test_values_of_a_file_are_given_again(place: Place) -> None:
    file = place.module / "prod.s3.tfbackend"
    file.write_text(
        f'access_key = "{place.old.id}"\nsecret_key = "{place.old.secret}"\nencrypt = true\n'
        f'endpoints = {{\n  s3 = "{place.stand.url}"\n}}\nmax_retries = 2\n'
    )
    place.must("init", "-input=false", f"-backend-config={file.name}")
    place.must("apply", "-auto-approve")
    file.unlink()
    place.stand.keys.delete(place.old.id)
    saved = place.saved()
    done = place.guarded("plan", "-detailed-exitcode")
    assert (done.status, RETRIED in done.stderr) == (0, True), done
    reconfigured(saved, place.saved())


def test_an_apply_is_made_once(place: Place) -> None:
    place.initialise()
    place.write(output="10.2.0.0/16")
    place.stand.keys.delete(place.old.id)
    before = place.objects()["net/terraform.tfstate"]
    done = place.guarded("apply", "-auto-approve", "-no-color")
    assert done.status == 0, done
    assert done.stdout.count(b"Apply complete!") == 1
    versions, body = place.objects()["net/terraform.tfstate"]
    assert versions == before[0] + 1
    assert json.loads(body)["serial"] == json.loads(before[1])["serial"] + 1
    assert json.loads(body)["lineage"] == json.loads(before[1])["lineage"]


COMMANDS = [
    ("plan", "-json"),
    ("output", "-json"),
    ("state", "list"),
    ("state", "pull"),
    ("workspace", "list"),
    ("show", "-json"),
    ("init", "-input=false"),
    ("refresh", "-no-color"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_command_ends_as_if_nothing_had_happened(place: Place, words: tuple[str, ...]) -> None:
    place.initialise()
    place.stand.keys.delete(place.old.id)
    done = place.guarded(*words)
    assert (done.status, RETRIED in done.stderr) == (0, True), done
    again = place.bare(*words)
    assert again.status == 0
    if words[0] not in ("plan", "init"):  # those two wrote something before they failed, and times
        assert done.stdout == again.stdout


def test_where_sts_is_skipped_the_words_of_the_bucket_are_understood(place: Place) -> None:
    place.write(skip_credentials_validation="true", skip_requesting_account_id="true")
    place.initialise()
    place.stand.keys.delete(place.old.id)
    done = place.guarded("workspace", "list")
    assert b"InvalidAccessKeyId" in done.stderr
    assert (done.status, RETRIED in done.stderr, done.stdout) == (0, True, b"* default\n\n"), done
