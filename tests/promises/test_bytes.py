"""Promise 1: the same bytes. What the shim prints is what the real binary prints, and nothing more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from testing import story as stories
from testing import world as worlds
from testing.installation import installed

if TYPE_CHECKING:
    from pathlib import Path

    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

COMMANDS = (
    ("init", "-input=false"),
    ("plan",),
    ("plan", "-json"),
    ("apply", "-auto-approve"),
    ("state", "list"),
    ("state", "pull"),
    ("output",),
    ("output", "-json"),
    ("show",),
    ("workspace", "list"),
    ("providers",),
    ("validate",),
    ("version",),
    ("plan", "-no-such-option"),
    ("no-such-command",),
    ("state", "show", "no.such"),
)
# What two runs of the same bare command differ in.
CHANGING = re.compile(rb'"@timestamp":"[^"]*"|^\d{4}-\d\d-\d\dT\S+|"serial": \d+', re.MULTILINE)


@pytest.fixture
def healthy(world: World, stand: Stand, terraform: Terraform, request: pytest.FixtureRequest) -> Story:
    """A root module that was initialised without keys, and works."""
    bucket = f"healthy-{abs(hash(request.node.name)) % 10**9}"
    begun = stories.begin(world, stand, terraform, installed(), bucket)
    stories.initialise(begun, with_keys=False)
    return begun


def same(story: Story, *words: str, env: dict[str, str | None] | None = None, cwd: Path | None = None) -> None:
    """Assert that shim and bare binary end alike and print alike."""
    bare, ours = story.bare(*words, env=env, cwd=cwd), story.terraform(*words, env=env, cwd=cwd)
    assert ours.status == bare.status
    assert CHANGING.sub(b"", ours.stdout) == CHANGING.sub(b"", bare.stdout)
    assert CHANGING.sub(b"", ours.stderr) == CHANGING.sub(b"", bare.stderr)


def test_when_all_is_well_shim_and_real_binary_print_the_same(healthy: Story) -> None:
    for words in COMMANDS:
        same(healthy, *words)


def test_the_same_holds_with_chdir(healthy: Story) -> None:
    chdir = f"-chdir={healthy.module.name}"
    for words in (("plan",), ("output",), ("state", "list"), ("init", "-input=false")):
        same(healthy, chdir, *words, cwd=healthy.module.parent)


def test_the_same_holds_with_another_data_directory(healthy: Story) -> None:
    (healthy.module / ".terraform").rename(healthy.module / "données tf")
    for words in (("plan",), ("output",), ("state", "list"), ("init", "-input=false")):
        same(healthy, *words, env={"TF_DATA_DIR": "données tf"})


def test_stdout_and_stderr_in_one_pipe_keep_their_order(healthy: Story) -> None:
    (healthy.module / "broken.tf").write_text(
        'variable "v" {\n  default = "x"\n}\n'
        'check "a" {\n  assert {\n    condition     = var.v == "y"\n    error_message = "a warning"\n  }\n}\n'
        'output "b" {\n  value = 1\n  precondition {\n'
        '    condition     = var.v == "y"\n    error_message = "an error"\n  }\n}\n'
    )
    real = healthy.world.environ["TFWRAP_TERRAFORM"]
    bare, ours = (
        worlds.run(healthy.world, ["sh", "-c", '"$0" plan 2>&1', program], cwd=healthy.module)
        for program in (real, healthy.installation.terraform)
    )
    assert b"a warning" in bare.stdout
    assert b"an error" in bare.stdout
    assert ours == bare


SHELLS = {
    "an expression on a pipe": "echo '1 + 1' | \"$0\" console",
    "a heredoc": '"$0" console <<\'END\'\nupper("a")\n[1, 2]\nEND',
    "an answer that is no yes": 'echo no | "$0" apply -no-color',
    "closed stdin": '"$0" apply -no-color <&-',
    "an empty stdin": '"$0" apply -no-color </dev/null',
    "a reader that leaves": 'TF_LOG=trace "$0" plan 2>&1 | head -1 >/dev/null; echo "${PIPESTATUS[0]}"',
    "the exit status of a plan with changes": '"$0" plan -detailed-exitcode -json >/dev/null; echo $?',
    "a full disk under stderr": 'TF_LOG=trace "$0" plan 2>/dev/full; echo $?',
}


@pytest.mark.parametrize("case", SHELLS)
def test_what_a_shell_connects_it_to_is_what_it_gets(healthy: Story, case: str) -> None:
    (healthy.module / "changed.tf").write_text('output "more" {\n  value = 2\n}\n')
    real = healthy.world.environ["TFWRAP_TERRAFORM"]
    bare, ours = (
        worlds.run(healthy.world, ["bash", "-c", SHELLS[case], str(program)], cwd=healthy.module)
        for program in (real, healthy.installation.terraform)
    )
    assert ours == bare
    assert bare.stdout + bare.stderr


def test_a_directory_without_aws_is_left_alone(healthy: Story, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "main.tf").write_text('output "x" {\n  value = 1\n}\n')
    healthy.bare("apply", "-auto-approve", cwd=plain)
    for words in (("init",), ("plan",), ("apply", "-auto-approve"), ("output",)):
        same(healthy, *words, cwd=plain, env={"TFWRAP_STRICT": "1"})
