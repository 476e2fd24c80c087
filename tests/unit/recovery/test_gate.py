"""Each condition: what it must allow, and what it must object to."""

# Rows of tables are easier to compare on one line.
# ruff: noqa: E501

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.unit.recovery import cases
from tests.unit.recovery.cases import ACCEPTED, CONFIG, FAILURE, REJECTED, block
from tfwrap.diagnosis import diagnosis
from tfwrap.diagnosis.diagnosis import Diagnosis
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.identity.identity import Answer
from tfwrap.origin import Secret
from tfwrap.recovery import condition, gate, reconfigurable
from tfwrap.settings.settings import Value
from tfwrap.sources import sources
from tfwrap.terraform import configuration, saved_backend
from tfwrap.terraform.block import Block
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path


def objections(
    directory: Path, *, environ: dict[str, str] | None = None, output: bytes = b"", **changes: object
) -> tuple[str, ...]:
    """What the gate says of the case in which all conditions hold, but for the changes."""
    of_case: dict[str, object] = {name: changes.pop(name) for name in ("what", "used") if name in changes}
    if "fresh_answer" in changes:
        of_case["fresh"] = changes.pop("fresh_answer")
    facts = cases.facts(directory, environ=environ, **changes)  # type: ignore[arg-type]
    request = cases.request(cases.case(facts, **of_case), environ, output)  # type: ignore[arg-type]
    return condition.objections(condition.outcomes(reconfigurable.RECONFIGURE, request))


def test_when_all_conditions_hold_there_is_nothing_to_object(tmp_path: Path) -> None:
    assert objections(tmp_path) == ()


def test_every_condition_has_its_cases_here() -> None:
    assert [each.objection.__name__ for each in reconfigurable.RECONFIGURE] == [
        "_cause", "_backend_scope", "_nothing_started", "_scope", "_plan_file", "_one_time_inputs", "_no_lock", "_errored_state",
        "_module_elsewhere", "_local_state", "_block", "_keys_in_block", "_keys_given", "_saved_token", "_given_readable", "_same_address",
        "_cli_arguments", "_own_init", "_fresh_credentials", "_same_account",
    ]  # fmt: skip
    assert len({each.name for each in reconfigurable.RECONFIGURE}) == len(reconfigurable.RECONFIGURE)


def module(**arguments: object) -> Configuration:
    return Configuration(block(**arguments))


def told(*texts: str) -> tuple[dict[tuple[str, ...], Value], ...]:
    """A layer of settings that says what is given by `-backend-config`."""
    return ({("backend_config",): Value(list(texts), ".tfwrap.toml:1")},)


ENDPOINT = {"s3": "http://127.0.0.1:9"}
WEB = "assume_role_with_web_identity"
ROLE_BY_FILE = {WEB: {"role_arn": "r", "web_identity_token_file": "f"}}
ROLE_BY_TOKEN = {WEB: {"role_arn": "r", "web_identity_token": "made up"}}
ALLOWED: list[tuple[str, dict[str, object]]] = [
    ("cause: the saved key, certain", {}),
    ("cause: the saved key, likely, STS could not be asked about it", {"used": Answer(identity.UNREACHABLE)}),
    ("scope: the backend, another code", {"what": FAILURE._replace(code="InvalidAccessKeyId")}),
    ("scope: output of the preparation", {"output": b"Acquiring state lock. This may take a few moments...\n"}),
    ("scope: the word reading in an error", {"output": b"Error: Reading the state failed\n"}),
    ("lock: waited for", {"output": b"Acquiring state lock. This may take a few moments...\n"}),
    ("lock: in a name", {"output": b"Error: no bucket the-state-lock\n"}),
    ("plan file: apply without one", {"typed": ("apply", "-auto-approve")}),
    ("plan file: a directory of an old Terraform", {"typed": ("apply", ".")}),
    ("plan file: plan writes one", {"typed": ("plan", "-out=tfplan")}),
    ("plan file: an address is none", {"typed": ("state", "show", "aws_vpc.a")}),
    ("block: as saved", {"module": module(region="us-east-1")}),
    ("block: without what came by -backend-config", {"module": module()}),
    ("keys in block: a profile there is no key", {"module": module(profile="lab")}),
    ("keys in block: a role, and a token in a file", {"module": module(**ROLE_BY_FILE), "config": ROLE_BY_FILE}),
    ("saved token: a role without one", {"config": {"assume_role": {"role_arn": "r", "external_id": "x"}}}),
    ("saved token: an argument that was not set", {"config": {WEB: {**ROLE_BY_FILE[WEB], "web_identity_token": None}}}),
    ("given: a role, and a token in a file", {"typed": ("init", f"-backend-config={WEB}={{role_arn=\"r\", web_identity_token_file=\"f\"}}"), "config": ROLE_BY_FILE}),
    ("address: what Terraform converts", {"module": module(max_retries="5"), "config": {"max_retries": 5}}),
    ("address: nulls", {"module": module(endpoints=ENDPOINT), "config": {"endpoints": {**ENDPOINT, "sts": None}}}),
    ("cli arguments: others", {"environ": {"TF_CLI_ARGS": "-no-color", "TF_CLI_ARGS_init": "-upgrade -get=false"}}),
    ("cli arguments: another command's", {"environ": {"TF_CLI_ARGS_plan": "-lock=false"}}),
    ("cli arguments: empty", {"environ": {"TF_CLI_ARGS_init": ""}}),
    ("own init: bare", {"typed": ("init",)}),
    ("own init: with options that change nothing here", {"typed": ("init", "-upgrade", "-input=false")}),
    ("own init: another command's -var", {"typed": ("plan", "-var=backend-config=x")}),
    ("given: what was saved", {"typed": ("init", "-backend-config=region=us-east-1", "-backend-config=bucket=states")}),
    ("given: in two words", {"typed": ("init", "-backend-config", "region=us-east-1")}),
    ("given: what Terraform converts", {"typed": ("init", "-backend-config=max_retries=5"), "config": {"max_retries": 5}}),
    ("given: an object", {"typed": ("init", "-backend-config=endpoints={s3=\"http://127.0.0.1:9\"}"), "config": {"endpoints": {**ENDPOINT, "sts": None}}}),
    ("given: no key", {"typed": ("init", "-backend-config=access_key=")}),
    ("given: another profile", {"typed": ("init", "-backend-config=profile=lab")}),
    ("given: the saved profile, which is not what failed", {"typed": ("init", "-backend-config=profile=lab"), "config": {"profile": "lab"}}),
    ("given: nothing", {"typed": ("init", "-backend-config=")}),
    ("given: by a variable", {"environ": {"TF_CLI_ARGS_init": "-upgrade -backend-config=region=us-east-1"}}),
    ("given: by a setting", {"layers": told("region=us-east-1")}),
    ("given: by a setting instead of the block's", {"layers": told("bucket=states"), "module": module(bucket="states-2")}),
    ("given: the last one counts", {"typed": ("init", "-backend-config=key=net/terraform.tfstate"), "layers": told("key=other")}),
    ("given: a key in a weaker layer's setting", {"layers": (*told("region=us-east-1"), *told("access_key=x"))}),
    ("given: to another command", {"typed": ("plan", "-var=access_key=x")}),
    ("fresh credentials: a key in the environment", {"fresh": cases.FRESH._replace(kind=sources.ENVIRONMENT)}),
    ("account: the same", {"fresh_answer": ACCEPTED}),
    ("account: the old key does not say", {"config": {"access_key": cases.KEY_OF_OLD}, "fresh_answer": ACCEPTED._replace(account="222222222222")}),
]  # fmt: skip


@pytest.mark.parametrize("changes", [pytest.param(row[1], id=row[0]) for row in ALLOWED])
def test_the_gate_allows(tmp_path: Path, changes: dict[str, object]) -> None:
    assert objections(tmp_path, **_held(tmp_path, changes)) == ()  # type: ignore[arg-type]


def _held(directory: Path, changes: dict[str, object]) -> dict[str, object]:
    """`config` in a row stands for a saved backend that has these values too."""
    rest = dict(changes)
    config, kind = rest.pop("config", {}), rest.pop("kind", "s3")
    return {"held": cases.saved(directory, {**CONFIG, **config}, str(kind)), **rest}  # type: ignore[dict-item]


BACKEND_DELETED = Configuration(None)
PROBLEM = Configuration(block(), problems=("main.tf: does not parse as HCL",))
AFTER_APPLY = b'{"@level":"info","@message":"x","type":"apply_start"}\n'
OBJECTED: list[tuple[str, dict[str, object], str]] = [
    ("cause: STS accepts the saved key", {"used": ACCEPTED}, "does not cure unknown"),
    ("cause: the keys are the same", {"fresh": cases.FRESH._replace(access_key=cases.OLD_KEY, secret_key=Secret("made up by the tests"))}, "does not cure unknown"),
    ("cause: nothing saved", {"config": {"access_key": "", "secret_key": ""}}, "does not cure unknown"),
    ("scope: a provider", {"what": FAILURE._replace(scope=failure.PROVIDER)}, "did not come from the backend"),
    ("scope: a resource", {"what": FAILURE._replace(scope=failure.RESOURCE)}, "did not come from the backend"),
    ("scope: a refresh", {"output": b"\x1b[1maws_vpc.a: Refreshing state... [id=1]\x1b[0m\n"}, "may have been read or changed"),
    ("scope: a data source", {"output": b"data.aws_iam_role.r: Reading...\n"}, "may have been read or changed"),
    ("scope: a creation", {"output": b"aws_vpc.a: Creating...\n"}, "may have been read or changed"),
    ("scope: a change", {"output": b"aws_vpc.a: Modifying... [id=1]\n"}, "may have been read or changed"),
    ("scope: a destruction", {"output": b"aws_vpc.a: Destroying... [id=1]\n"}, "may have been read or changed"),
    ("scope: something long", {"output": b"aws_vpc.a: Still creating... [10s elapsed]\n"}, "may have been read or changed"),
    ("scope: -json", {"output": AFTER_APPLY}, "may have been read or changed"),
    ("scope: -json, a refresh", {"output": AFTER_APPLY.replace(b"apply", b"refresh")}, "may have been read or changed"),
    ("scope: a state that could not be saved", {"output": "│ Error: Failed to save state\n".encode()}, "may have been read or changed"),
    ("scope: a state that could not be persisted", {"output": b"Error: Failed to persist state to backend\n"}, "may have been read or changed"),
    ("scope: a list that could not be saved", {"output": b"Error saving the state: no\n"}, "may have been read or changed"),
    ("scope: -json, a provisioner", {"output": AFTER_APPLY.replace(b"apply", b"provision")}, "may have been read or changed"),
    ("lock: held by somebody", {"output": b"Error: Error acquiring the\nstate lock\n"}, "the state's lock is held"),
    ("lock: not given back", {"output": "│ Error: Error releasing the state lock\n".encode()}, "the state's lock is held"),
    ("plan file", {"typed": ("apply", "tfplan")}, "a plan file was given"),
    ("plan file behind options", {"typed": ("apply", "-auto-approve", "-parallelism", "3", "tfplan")}, "a plan file was given"),
    ("plan file elsewhere", {"typed": ("apply", "/tmp/plans/tfplan")}, "a plan file was given"),
    ("block: gone", {"module": BACKEND_DELETED}, "no backend block any more"),
    ("block: of another type", {"module": Configuration(Block(("gcs",), {"bucket": "states"}, "main.tf:2"))}, "the backend block says"),
    ("block: without a label", {"module": Configuration(Block((), {}, "main.tf:2"))}, "the backend block says"),
    ("block: in a module that does not parse", {"module": PROBLEM}, "could not be read for certain"),
    ("keys in block: the key", {"module": module(access_key="AKIA")}, "main.tf:2 holds access_key"),
    ("keys in block: the secret", {"module": module(secret_key="x")}, "main.tf:2 holds secret_key"),
    ("keys in block: the token", {"module": module(token="x")}, "main.tf:2 holds token"),
    ("keys in block: an expression", {"module": module(access_key=UNKNOWN)}, "main.tf:2 holds access_key"),
    ("keys in block: a role's token", {"module": module(**ROLE_BY_TOKEN), "config": ROLE_BY_FILE}, f"main.tf:2 holds {WEB}.web_identity_token"),
    ("saved token: inside a role", {"config": ROLE_BY_TOKEN}, f"the saved backend holds {WEB}.web_identity_token"),
    ("saved token: in a role's block", {"config": {WEB: [ROLE_BY_TOKEN[WEB]]}}, f"the saved backend holds {WEB}.web_identity_token"),
    ("given: a role's token", {"typed": ("init", f"-backend-config={WEB}={{role_arn=\"r\", web_identity_token=\"x\"}}"), "config": ROLE_BY_FILE}, f"holds {WEB}.web_identity_token"),
    ("address: another bucket", {"module": module(bucket="states-2")}, "differ in bucket"),
    ("address: another key", {"module": module(key="other")}, "differ in key"),
    ("address: another region", {"module": module(region="eu-west-1")}, "differ in region"),
    ("address: an endpoint", {"module": module(endpoints=ENDPOINT)}, "differ in endpoints"),
    ("address: a prefix", {"module": module(workspace_key_prefix="envs")}, "differ in workspace_key_prefix"),
    ("address: an expression", {"module": module(region=UNKNOWN)}, "differ in region"),
    ("address: two things", {"module": module(bucket="b", key="k")}, "differ in bucket, key"),
    ("cli arguments: migrate", {"environ": {"TF_CLI_ARGS_init": "-migrate-state"}}, "TF_CLI_ARGS_init holds -migrate-state"),
    ("cli arguments: force", {"environ": {"TF_CLI_ARGS_init": "-force-copy"}}, "TF_CLI_ARGS_init holds -force-copy"),
    ("given: the old key again", {"environ": {"TF_CLI_ARGS_init": "-backend-config=access_key=x"}}, "TF_CLI_ARGS_init holds access_key"),
    ("given: a key that another one replaces", {"typed": ("init", "-backend-config=token=x", "-backend-config=token=")}, "your -backend-config holds token"),
    ("given: a key by a setting", {"layers": told("secret_key=x")}, ".tfwrap.toml:1 holds secret_key"),
    ("given: a file that is not there", {"environ": {"TF_CLI_ARGS_init": "-upgrade -backend-config prod.hcl"}}, "prod.hcl (TF_CLI_ARGS_init) cannot be read: no such file"),
    ("given: a file that is not there, by a setting", {"layers": told("prod.hcl")}, "prod.hcl (.tfwrap.toml:1) cannot be read"),
    ("given: the stale profile", {"layers": told("profile=old"), "config": {"access_key": "", "secret_key": "", "profile": "old"}}, ".tfwrap.toml:1 holds profile"),
    ("given: another state", {"layers": told("key=other")}, ".tfwrap.toml:1 and the saved backend differ in key"),
    ("given: another state, by a variable", {"environ": {"TF_CLI_ARGS": "-backend-config=bucket=b"}}, "TF_CLI_ARGS and the saved backend differ in bucket"),
    ("given: something more", {"typed": ("init", "-backend-config=encrypt=true")}, "your -backend-config and the saved backend differ in encrypt"),
    ("given: an expression", {"typed": ("init", "-backend-config=endpoints={s3=var.x}"), "config": {"endpoints": ENDPOINT}}, "differ in endpoints"),
    ("cli arguments: no backend", {"environ": {"TF_CLI_ARGS_init": "-backend=false"}}, "holds -backend,"),
    ("cli arguments: of every command", {"environ": {"TF_CLI_ARGS": "-migrate-state"}}, "TF_CLI_ARGS holds"),
    ("own init: with a key", {"typed": ("init", "-backend-config=access_key=x")}, "your -backend-config holds access_key"),
    ("own init: with a file, in two words", {"typed": ("init", "-backend-config", "prod.hcl")}, "prod.hcl (your -backend-config) cannot be read"),
    ("own init: a migration", {"typed": ("init", "-migrate-state")}, "your init has -migrate-state"),
    ("own init: a copy", {"typed": ("init", "-force-copy")}, "your init has -force-copy"),
    ("fresh credentials: none", {"fresh": sources.Source(sources.NONE)}, "no other credentials"),
    ("fresh credentials: rejected too", {"fresh_answer": REJECTED}, "STS answers InvalidClientTokenId"),
    ("fresh credentials: nobody could be asked", {"fresh_answer": Answer(identity.UNREACHABLE, message="no network")}, "could not be asked"),
    ("fresh credentials: no keys to ask with", {"fresh_answer": Answer(identity.UNCHECKED, message="an SSO session")}, "could not be asked"),
    ("account: another one", {"fresh_answer": ACCEPTED._replace(account="222222222222")}, "of account 111111111111, the other credentials are of account 222222222222"),
    ("account: another one, the saved key's own", {"config": {"access_key": cases.KEY_ELSEWHERE}}, "of account 222222222222"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "reason"), [pytest.param(*row[1:], id=row[0]) for row in OBJECTED])
def test_the_gate_objects(tmp_path: Path, changes: dict[str, object], reason: str) -> None:
    found = objections(tmp_path, **_held(tmp_path, changes))  # type: ignore[arg-type]
    assert [text for text in found if reason in text], found


STATE = '{"version": 4}'
IN_THE_WAY = [
    ("a local state", "terraform.tfstate", STATE, "would offer to migrate it"),
    ("a local workspace's state", "terraform.tfstate.d/prod/terraform.tfstate", STATE, "would offer to migrate it"),
    ("a state that could not be saved", "errored.tfstate", STATE, "could not save its state"),
    ("an empty one of these", "errored.tfstate", "", "could not save its state"),
]
NOT_IN_THE_WAY = [
    ("an empty local state", "terraform.tfstate", ""),
    ("a backup of a local state", "terraform.tfstate.backup", STATE),
    ("an empty local workspace's state", "terraform.tfstate.d/prod/terraform.tfstate", ""),
    ("a workspace without a state", "terraform.tfstate.d/prod/notes.txt", "x"),
    ("a file in the place of the workspaces", "terraform.tfstate.d", "x"),
    ("the saved backend itself", ".terraform/terraform.tfstate", STATE),
    ("somebody else's state", "other/terraform.tfstate", STATE),
    ("the directory of a state", "terraform.tfstate/x", "x"),
]


def put(directory: Path, name: str, content: str) -> None:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


@pytest.mark.parametrize("name_and_content", [pytest.param(row[1:], id=row[0]) for row in NOT_IN_THE_WAY])
def test_a_file_that_is_not_in_the_way_is_no_objection(tmp_path: Path, name_and_content: tuple[str, str]) -> None:
    put(tmp_path, *name_and_content)
    assert objections(tmp_path) == ()


@pytest.mark.parametrize(("name", "content", "reason"), [pytest.param(*row[1:], id=row[0]) for row in IN_THE_WAY])
def test_a_file_in_the_way_is_an_objection(tmp_path: Path, name: str, content: str, reason: str) -> None:
    put(tmp_path, name, content)
    assert [text for text in objections(tmp_path) if reason in text]


@pytest.mark.parametrize("name", ["terraform.tfstate", "errored.tfstate"])
def test_what_counts_is_the_directory_in_which_terraform_works(tmp_path: Path, name: str) -> None:
    put(tmp_path, f"net/{name}", STATE)
    assert objections(tmp_path, typed=("-chdir=net", "plan"))
    assert objections(tmp_path, typed=("plan",)) == ()


def test_a_saved_backend_that_cannot_be_read_is_objected_to(tmp_path: Path) -> None:
    held = saved_backend.Unreadable("f", "is truncated")
    assert objections(tmp_path, held=held)


def test_all_objections_are_given_in_the_order_of_the_list(tmp_path: Path) -> None:
    put(tmp_path, "errored.tfstate", STATE)
    put(tmp_path, "terraform.tfstate", STATE)
    found = objections(tmp_path, typed=("apply", "tfplan"), fresh_answer=REJECTED)
    assert [text.split()[0] for text in found] == [
        "a",
        str(tmp_path / "errored.tfstate"),
        str(tmp_path / "terraform.tfstate"),
        "key",
    ]


def test_no_objection_shows_a_secret(tmp_path: Path) -> None:
    held = cases.saved(tmp_path, {**CONFIG, "secret_key": "made/up/by+the/tests", "token": "made/up/token"})
    found = objections(tmp_path, held=held, fresh_answer=REJECTED, module=module(secret_key="made/up/by+the/tests"))
    assert found
    assert not [text for text in found if "made/up" in text or cases.OLD_KEY in text or cases.NEW_KEY in text]


def test_a_cause_that_is_not_in_the_table_is_cured_by_nothing(tmp_path: Path) -> None:
    request = cases.request(cases.case(cases.facts(tmp_path)))
    other = Diagnosis("expired-session", "t", "certain", ())
    found = condition.outcomes(reconfigurable.RECONFIGURE, request._replace(diagnosis=other))
    assert condition.objections(found) == ("init -reconfigure does not cure expired-session",)
    found = condition.outcomes(reconfigurable.RECONFIGURE, request._replace(diagnosis=diagnosis.diagnose(request.case)))
    assert condition.objections(found) == ()
    assert all(outcome.name for outcome in found)


CHANGING = [("apply",), ("apply", "-destroy"), ("destroy",), ("import", "aws_vpc.a", "x"), ("refresh",), ("test",)]
READING = [("plan",), ("show",), ("state", "list"), ("output", "-json"), ("init",)]
UNSEEN = "not all that Terraform wrote could be seen"


def of_a_provider(directory: Path, typed: tuple[str, ...], scope: str, *, is_whole: bool) -> list[str]:
    """What the conditions for any retry say of a failure in that scope."""
    case = cases.case(cases.facts(directory, typed), FAILURE._replace(scope=scope))
    request = cases.request(case)._replace(is_whole=is_whole)
    return [text for text in condition.objections(condition.outcomes(gate.RETRY, request)) if UNSEEN in text]


@pytest.mark.parametrize("typed", CHANGING, ids=" ".join)
def test_of_an_apply_that_was_not_seen_to_do_nothing_it_is_not_believed(tmp_path: Path, typed: tuple[str, ...]) -> None:
    assert of_a_provider(tmp_path, typed, failure.PROVIDER, is_whole=False)
    assert not of_a_provider(tmp_path, typed, failure.PROVIDER, is_whole=True)
    assert not of_a_provider(tmp_path, typed, failure.BACKEND, is_whole=False)


@pytest.mark.parametrize("typed", READING, ids=" ".join)
def test_a_command_that_changes_nothing_need_not_be_seen(tmp_path: Path, typed: tuple[str, ...]) -> None:
    assert not of_a_provider(tmp_path, typed, failure.PROVIDER, is_whole=False)


def test_inputs_that_can_be_read_only_once_object(tmp_path: Path) -> None:
    pipe = tmp_path / "variables"
    os.mkfifo(pipe)
    (objection,) = objections(tmp_path, typed=("apply", f"-var-file={pipe}"))
    assert objection == f"{pipe} can be read only once: run the command again yourself"
    (objection,) = objections(tmp_path, typed=("apply", "-var-file", "/dev/null"))
    assert objection.startswith("/dev/null can be read only once")
    (objection,) = objections(tmp_path, typed=("state", "push", "-"))
    assert objection.startswith("stdin can be read only once")


def test_inputs_that_stay_do_not_object(tmp_path: Path) -> None:
    (tmp_path / "lab.tfvars").write_text("")
    for typed in (("plan", "-var-file=lab.tfvars"), ("plan", "-var-file=gone.tfvars"), ("plan", "-var=a=-")):
        assert objections(tmp_path, typed=typed) == ()


def test_a_root_module_that_was_given_as_an_argument_objects(tmp_path: Path) -> None:
    (tmp_path / "network").mkdir()
    (objection,) = objections(tmp_path, typed=("plan", "network"))
    assert "run init there yourself" in objection


FILES = [
    ("HCL", "env/prod.s3.tfbackend", 'region = "us-east-1"\nbucket="states"\n', ""),
    ("JSON", "prod.json", '{"region": "us-east-1", "key": "net/terraform.tfstate"}', ""),
    ("a key that is null", "prod.hcl", "access_key = null\n", ""),
    ("a key in a comment", "prod.hcl", '# access_key = "x"\nregion = "us-east-1"\n', ""),
    ("nothing", "prod.hcl", "", ""),
    ("a key", "env/prod.s3.tfbackend", 'region = "us-east-1"\n\n  access_key = "x"\n', "env/prod.s3.tfbackend:3 holds access_key"),
    ("a key in JSON", "prod.json", '{\n"token": "x"}', "prod.json:2 holds token"),
    ("another state", "prod.hcl", 'key = "other"\n', "prod.hcl:1 and the saved backend differ in key"),
    ("a template", "prod.hcl", 'key = "${var.x}"\n', "prod.hcl:1 and the saved backend differ in key"),
    ("no HCL", "prod.hcl", "{ key", "prod.hcl (.tfwrap.toml:1) does not parse as HCL"),
    ("no JSON", "prod.json", "[1]", "prod.json (.tfwrap.toml:1) does not parse as a JSON object"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "reason"), [pytest.param(*row[1:], id=row[0]) for row in FILES])
def test_a_file_of_values_is_read_as_terraform_would(tmp_path: Path, name: str, content: str, reason: str) -> None:
    put(tmp_path, name, content)
    found = objections(tmp_path, layers=told(name), **_held(tmp_path, {"config": {"region": "us-east-1"}}))  # type: ignore[arg-type]
    assert len(found) == bool(reason)
    assert all(reason in text for text in found)


def test_a_pipe_of_values_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "prod.hcl")
    (objection,) = objections(tmp_path, layers=told("prod.hcl"))
    assert objection.startswith("prod.hcl (.tfwrap.toml:1) cannot be read: is not a regular file")
    (objection,) = objections(tmp_path, typed=("init", "-backend-config=/dev/fd/63"))
    assert "/dev/fd/63" in objection


def test_a_file_of_values_lies_where_terraform_works(tmp_path: Path) -> None:
    put(tmp_path, "net/prod.hcl", 'region = "us-east-1"\n')
    found = _held(tmp_path, {"config": {"region": "us-east-1"}})
    assert objections(tmp_path, typed=("-chdir=net", "plan"), layers=told("prod.hcl"), **found) == ()  # type: ignore[arg-type]
    assert objections(tmp_path, layers=told("prod.hcl"), **found)  # type: ignore[arg-type]


OF_TOFU = 'terraform {\n  backend "s3" {\n    bucket = var.bucket\n    key = local.key\n  }\n}\nlocals {\n  key = "net/terraform.tfstate"\n}\nvariable "bucket" {}\n'


@pytest.mark.parametrize(
    ("program", "typed", "reason"),
    [
        pytest.param("tofu", ("plan", "-var=bucket=states"), "", id="the same state"),
        pytest.param("tofu", ("plan", "-var=bucket=other"), "differ in bucket", id="another state"),
        pytest.param("tofu", ("plan",), "differ in bucket", id="not known which"),
        pytest.param("terraform", ("plan", "-var=bucket=states"), "differ in bucket, key", id="Terraform knows no such thing"),
    ],
)  # fmt: skip
def test_variables_in_the_block_are_opentofus(
    tmp_path: Path, program: str, typed: tuple[str, ...], reason: str
) -> None:
    """There is no tofu here to ask: this rests on OpenTofu's documentation of early evaluation."""
    put(tmp_path, "main.tf", OF_TOFU)
    facts = cases.facts(tmp_path, typed, module=configuration.read(str(tmp_path), program))
    facts = facts._replace(invocation=facts.invocation._replace(program=program))
    found = condition.objections(condition.outcomes(reconfigurable.RECONFIGURE, cases.request(cases.case(facts))))
    assert len(found) == bool(reason)
    assert all(reason in text for text in found)
