"""Reconfiguring, with a program in the place of the real binary that notes what it is given."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.unit.recovery import cases
from tests.unit.recovery.stage import (
    CONFIG,
    CUSTOMER_KEY,
    NESTED,
    REAL,
    SAVES,
    SECRET,
    WHO,
    Stage,
    document,
    without_keys,
)
from tfwrap import state
from tfwrap.recovery import reconfigure
from tfwrap.recovery.reconfigure import VALUES_FILE
from tfwrap.terraform.saved_backend import COPY_SUFFIX as BACKUP_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable


def test_success_leaves_the_new_file_and_nothing_else(stage: Stage) -> None:
    result = stage.run()
    assert (result.done, result.reason, result.signal) == (True, "", 0)
    assert b"Initializing the backend" in result.output
    assert stage.saved_file.read_bytes() == document(without_keys())
    assert stage.data == ["terraform.tfstate"]


def test_plain_values_are_arguments_and_the_others_go_through_a_file(stage: Stage) -> None:
    stage.run()
    argv = stage.record()["argv"]
    values = f"-backend-config={stage.saved_file.with_name(VALUES_FILE)}"
    assert argv == [
        "init", "-reconfigure", "-input=false",
        "-backend-config=region=us-east-1",
        "-backend-config=encrypt=true",
        "-backend-config=max_retries=5",
        "-backend-config=workspace_key_prefix=a${b}c%{d}e$${f}",
        values,
    ]  # fmt: skip


def test_the_file_holds_what_was_saved_as_it_is_for_its_owner_alone(stage: Stage) -> None:
    stage.run()
    record = stage.record()
    assert json.loads(record["values"]) == {
        "endpoints": {"s3": NESTED["s3"]},
        "sse_customer_key": CUSTOMER_KEY,
        "allowed_account_ids": ["111111111111"],
    }
    assert record["mode"] == "0o600"
    assert VALUES_FILE not in stage.data


@pytest.mark.parametrize("value", ["${x}", "%{x}", "$${x}", 'a"b\\c\nd', "größe", "$", "${"])
def test_a_template_marker_is_no_template_in_values(stage: Stage, value: str) -> None:
    """Terraform saves such text unchanged from an argument and from a file (tried with all five versions)."""
    config = {**CONFIG, "endpoints": {"s3": value}}
    stage.saved_file.write_bytes(document(config))
    stage.does(SAVES, {**config, **dict.fromkeys(WHO)})
    assert stage.run().done
    assert json.loads(stage.record()["values"])["endpoints"] == {"s3": value}


def test_where_every_value_fits_an_argument_there_is_no_file(stage: Stage) -> None:
    config = {"bucket": "states", "key": "net/terraform.tfstate", "region": "us-east-1", "access_key": cases.OLD_KEY}
    stage.saved_file.write_bytes(document(config))
    stage.does(SAVES, {**config, "access_key": None})
    assert stage.run().done
    assert stage.record()["argv"] == ["init", "-reconfigure", "-input=false", "-backend-config=region=us-east-1"]
    assert stage.record()["files"] == ["terraform.tfstate", f"terraform.tfstate{BACKUP_SUFFIX}"]


def test_no_secret_is_in_an_argument(stage: Stage) -> None:
    config = {**CONFIG, "http_proxy": "http://user:made-up@proxy:3128"}
    stage.saved_file.write_bytes(document(config))
    stage.run()
    argv = " ".join(stage.record()["argv"])
    assert not [secret for secret in (SECRET, CUSTOMER_KEY, "made-up", cases.OLD_KEY) if secret in argv]
    assert json.loads(stage.record()["values"])["http_proxy"] == config["http_proxy"]


def test_the_selected_workspace_stays_selected_and_is_not_pinned(stage: Stage) -> None:
    """Pinned, init would write an empty state for a workspace that is gone (docs/decisions.md)."""
    stage.environment_file.write_text("prod")
    assert stage.run().done
    assert "TF_WORKSPACE" not in stage.record()["environ"]
    assert stage.environment_file.read_text() == "prod"


@pytest.mark.parametrize("environ", [{}, {"TF_WORKSPACE": "gone"}], ids=["selected", "TF_WORKSPACE"])
def test_a_workspace_that_is_not_listed_puts_everything_back(stage: Stage, environ: dict[str, str]) -> None:
    selected = "prod" if environ else "gone"
    stage.environment_file.write_text(selected)
    result = stage.run(environ=environ)
    assert (result.done, result.reason) == (False, "the workspace gone is not there")
    assert stage.saved_file.read_bytes() == document(CONFIG)
    assert stage.environment_file.read_text() == selected
    assert stage.data == ["environment", "terraform.tfstate"]


def test_workspaces_that_cannot_be_listed_put_everything_back(stage: Stage) -> None:
    stage.environment_file.write_text("prod")
    stage.does(SAVES + '(folder / "workspaces").unlink()')
    assert stage.run().reason == "the workspaces could not be listed afterwards"
    assert stage.saved_file.read_bytes() == document(CONFIG)


def test_a_workspace_file_that_flips_behind_tf_workspace_is_put_back(stage: Stage) -> None:
    stage.environment_file.write_text("prod")
    stage.does(SAVES + '(data / "environment").write_text("default")')
    assert "would not be the same" in stage.run(environ={"TF_WORKSPACE": "lab"}).reason
    assert stage.environment_file.read_text() == "prod"


def refuses(number: int) -> Callable[..., NoReturn]:
    """A system call that fails."""

    def call(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return call


NO_PLACE = [
    ("a read-only file system", "os.unlink", errno.EROFS, "could not be copied (Read-only file system)"),
    ("a file system without locks", "fcntl.flock", errno.ENOLCK, "cannot be locked (No locks available)"),
    ("somebody at work", "fcntl.flock", errno.EWOULDBLOCK, "another tfwrap is reconfiguring the backend here"),
    ("a stale handle", "os.replace", errno.ESTALE, "could not be copied (Stale file handle)"),
    ("a disk that gives up", "os.fsync", errno.EIO, "could not be copied (Input/output error)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "number", "reason"), [pytest.param(*row[1:], id=row[0]) for row in NO_PLACE])
def test_where_no_copy_can_be_made_nothing_is_begun(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, call: str, number: int, reason: str
) -> None:
    stage.environment_file.write_text("prod")
    with monkeypatch.context() as patch:
        patch.setattr(call, refuses(number))
        result = stage.run()
    assert not result.done
    assert reason in result.reason
    assert not (stage.root / "bin" / "record.json").exists()
    assert stage.saved_file.read_bytes() == document(CONFIG)
    assert stage.environment_file.read_text() == "prod"


def test_the_environment_is_the_childs(stage: Stage) -> None:
    environ = {"AWS_PROFILE": "new", "TF_VAR_my-var": "x", "TF_WORKSPACE": "lab"}
    assert stage.run(environ=environ).done
    seen = stage.record()["environ"]
    assert {name: value for name, value in seen.items() if name != "LC_CTYPE"} == {
        name: value for name, value in environ.items() if name != "TF_WORKSPACE"
    }


def test_chdir_is_given_and_the_data_directory_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(stage.root)
    stage.real.write_text(REAL.replace("folder =", 'os.chdir("net"); folder ='))
    assert stage.run("-chdir=net", "plan").done
    assert stage.record()["argv"][:2] == ["-chdir=net", "init"]


def test_tf_data_dir_is_where_everything_happens(stage: Stage) -> None:
    elsewhere = stage.root / "net" / "dätä"
    stage.saved_file.parent.rename(elsewhere)
    assert stage.run(environ={"TF_DATA_DIR": "dätä"}).done
    assert sorted(path.name for path in elsewhere.iterdir()) == ["terraform.tfstate"]
    assert stage.record()["argv"][-1] == f"-backend-config={elsewhere / VALUES_FILE}"


def test_colour_is_the_users(stage: Stage) -> None:
    stage.run("plan", "-no-color")
    assert "-no-color" in stage.record()["argv"]


TOKEN_IN_A_ROLE: dict[str, object] = {"assume_role_with_web_identity": {"web_identity_token": "x"}}
DESTROYS = '(data / "terraform.tfstate").write_text("nonsense")\n'
FAILURES = [
    ("init fails", "print('oh no'); sys.exit(3)", None, "exit status 3"),
    ("init fails after it wrote", DESTROYS + "sys.exit(1)", None, "exit status 1"),
    ("init is killed after it wrote", DESTROYS + "os.kill(os.getpid(), 9)", None, "exit status 137"),
    ("init removes the file", '(data / "terraform.tfstate").unlink()', None, "no backend that tfwrap can read"),
    ("init saves nonsense", DESTROYS, None, "no backend that tfwrap can read"),
    ("init saves a key again", SAVES, without_keys(access_key=cases.OLD_KEY), "saved credentials again"),
    ("init saves a secret again", SAVES, without_keys(secret_key="x"), "saved credentials again"),
    ("init saves a role's token again", SAVES, without_keys(**TOKEN_IN_A_ROLE), "saved credentials again"),
    ("init saves a token again", SAVES, without_keys(token="x"), "saved credentials again"),
    ("another bucket", SAVES, without_keys(bucket="other"), "would not be the same"),
    ("another key", SAVES, without_keys(key="other"), "would not be the same"),
    ("another region", SAVES, without_keys(region="eu-west-1"), "would not be the same"),
    ("another prefix", SAVES, without_keys(workspace_key_prefix=None), "would not be the same"),
    ("no endpoint any more", SAVES, without_keys(endpoints=None), "would not be the same"),
    ("a role that was not there", SAVES, without_keys(role_arn="r"), "would not be the same"),
    ("the workspace flips", SAVES + '(data / "environment").write_text("default")', None, "would not be the same"),
    ("the workspace is lost", SAVES + '(data / "environment").unlink()', None, "would not be the same"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "after", "reason"), [pytest.param(*row[1:], id=row[0]) for row in FAILURES])
def test_on_any_failure_both_files_are_as_they_were(
    stage: Stage, code: str, after: dict[str, object] | None, reason: str
) -> None:
    stage.environment_file.write_text("prod")
    stage.does(code, after)
    result = stage.run()
    assert not result.done
    assert reason in result.reason
    assert stage.saved_file.read_bytes() == document(CONFIG)
    assert stat.S_IMODE(stage.saved_file.stat().st_mode) == 0o644
    assert stage.environment_file.read_text() == "prod"
    assert stage.data == ["environment", "terraform.tfstate"]


def test_a_workspace_file_that_was_not_there_is_not_there_afterwards(stage: Stage) -> None:
    stage.does(SAVES + '(data / "environment").write_text("lab")')
    assert not stage.run().done
    assert stage.data == ["terraform.tfstate"]


def test_another_type_of_backend_is_another_address(stage: Stage) -> None:
    stage.does(SAVES)
    (stage.root / "bin" / "after.json").write_bytes(document(without_keys(), "gcs"))
    assert "would not be the same" in stage.run().reason
    assert stage.saved_file.read_bytes() == document(CONFIG)


def test_what_init_wrote_is_kept_for_the_report(stage: Stage) -> None:
    stage.does("print('to stdout'); print('to stderr', file=sys.stderr); sys.exit(1)")
    output = stage.run().output
    assert b"to stdout" in output
    assert b"to stderr" in output


def test_nothing_can_be_typed_into_it(stage: Stage) -> None:
    stage.does("sys.exit(0 if sys.stdin.read() == '' else 1)\n")
    assert "exit status" not in stage.run().reason


def test_a_program_that_cannot_be_started_changes_nothing(stage: Stage) -> None:
    stage.real.write_text("#!/no/such/interpreter\n")
    with pytest.raises(Exception, match="cannot be run"):
        stage.run()
    assert stage.saved_file.read_bytes() == document(CONFIG)
    assert stage.data == ["terraform.tfstate"]


@pytest.mark.parametrize("failing", ["terraform.tfstate", "environment", VALUES_FILE])
def test_a_disk_that_fills_up_changes_nothing_and_leaves_no_copy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    real_write = state.write

    def write(path: str, content: bytes) -> None:
        if os.path.basename(path).removesuffix(BACKUP_SUFFIX) == failing:
            raise OSError(28, "No space left on device")
        real_write(path, content)

    monkeypatch.setattr(state, "write", write)
    stage.environment_file.write_text("prod")
    result = stage.run()
    assert not result.done
    assert "No space left on device" in result.reason
    assert stage.saved_file.read_bytes() == document(CONFIG)
    assert stage.data == ["environment", "terraform.tfstate"]


def test_an_earlier_run_that_was_killed_is_not_in_the_way(stage: Stage) -> None:
    (stage.saved_file.parent / f"terraform.tfstate{BACKUP_SUFFIX}").write_text("left over")
    (stage.saved_file.parent / VALUES_FILE).write_text("left over")
    assert stage.run().done
    assert stage.data == ["terraform.tfstate"]


INTERRUPTED = """
import signal, sys, threading, os
sys.path[:0] = {path!r}
from tfwrap.recovery import reconfigure
from tests.unit.recovery.stage import Stage
from pathlib import Path
result = Stage(Path({root!r})).run()
print(result.done, result.signal, result.reason)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_reaches_init_and_everything_is_put_back(stage: Stage, number: int) -> None:
    started = stage.root / "started"
    stage.does(DESTROYS + f"import signal, time\n[signal.signal(n, signal.SIG_DFL) for n in (1, 2, 15)]\n"
               f"pathlib.Path({str(started)!r}).touch()\ntime.sleep(30)")  # fmt: skip
    path = [str(Path(__file__).parents[3]), *sys.path]
    code = INTERRUPTED.format(path=path, root=str(stage.root))
    child = subprocess.Popen([sys.executable, "-c", code], cwd=stage.root / "net", stdout=subprocess.PIPE, text=True)
    timer = threading.Timer(25, child.kill)
    timer.start()
    while not started.exists() and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(number)
    said, _ = child.communicate()
    timer.cancel()
    assert said.strip() == f"False {number} init -reconfigure was interrupted"
    assert stage.saved_file.read_bytes() == document(CONFIG)
    assert stage.data == ["terraform.tfstate"]


def test_the_command_for_a_person_says_all_that_has_to_be_given_again_but_no_secret(stage: Stage) -> None:
    stage.saved_file.write_bytes(document({**CONFIG, "http_proxy": "http://user:made-up@proxy:3128"}))
    assert reconfigure.command(stage.plan()) == [
        "terraform", "init", "-reconfigure",
        "-backend-config=region=us-east-1",
        "-backend-config=encrypt=true",
        "-backend-config=max_retries=5",
        "-backend-config=workspace_key_prefix=a${b}c%{d}e$${f}",
        f'-backend-config=endpoints={{"s3": "{NESTED["s3"]}"}}',
        "-backend-config=sse_customer_key=…",
        '-backend-config=allowed_account_ids=["111111111111"]',
        "-backend-config=http_proxy=…",
    ]  # fmt: skip


def test_a_secret_within_an_argument_is_not_shown_either(stage: Stage) -> None:
    nested = {"s3": "http://user:made-up-password@127.0.0.1:9"}
    stage.saved_file.write_bytes(document({**CONFIG, "endpoints": nested}))
    command = reconfigure.command(stage.plan())
    assert "-backend-config=endpoints=…" in command
    assert "made-up-password" not in " ".join(command)


def test_a_role_s_token_is_not_passed_again_and_the_rest_of_the_role_is(stage: Stage) -> None:
    role = {"role_arn": "r", "session_name": "job", "web_identity_token": f"{SECRET}/nested"}
    config = {**CONFIG, "assume_role_with_web_identity": role}
    stage.saved_file.write_bytes(document(config))
    kept = {"role_arn": "r", "session_name": "job"}
    stage.does(SAVES, without_keys(assume_role_with_web_identity={**kept, "web_identity_token": None}))
    assert stage.run().done
    assert json.loads(stage.record()["values"])["assume_role_with_web_identity"] == kept
    assert not [word for word in reconfigure.command(stage.plan()) if SECRET in word]


def test_the_command_for_a_person_begins_as_what_was_typed(stage: Stage) -> None:
    assert reconfigure.command(stage.plan("-chdir=net", "plan"))[:4] == [
        "terraform", "-chdir=net", "init", "-reconfigure",
    ]  # fmt: skip
