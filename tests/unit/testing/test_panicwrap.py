"""testing.panicwrap sorts the output of a child as the parent in a Terraform before 1.1 did."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from testing import panicwrap

CHILD = f"""#!{sys.executable} -IS
import os
os.write(1, b'o:first\\nmore\\ne:wrong\\ndetail\\no:last, no newline')
os.write(2, b'2026/01/01 00:00:00 [TRACE] one write\\n  of two lines\\n')
os.write(2, b'[DEBUG] short\\n')
os.write(2, b'for the user\\n')
raise SystemExit(3)
"""


@pytest.fixture
def child(tmp_path: Path) -> Path:
    return _program(tmp_path / "child", CHILD)


def test_prefixes_sort_lines_and_log_messages_disappear(child: Path) -> None:
    done = _run(child)
    assert done.stdout == b"first\nmore\nlast, no newline"
    assert sorted(done.stderr.splitlines()) == [b"detail", b"for the user", b"wrong"]


def test_the_exit_status_is_the_childs(child: Path) -> None:
    assert _run(child).returncode == 3


def test_tf_log_shows_the_log(child: Path) -> None:
    done = _run(child, TF_LOG="TRACE")
    assert b"one write\n  of two lines\n" in done.stderr
    assert b"[DEBUG] short\n" in done.stderr


def test_tf_log_path_takes_the_log_to_a_file(child: Path, tmp_path: Path) -> None:
    done = _run(child, TF_LOG="TRACE", TF_LOG_PATH=str(tmp_path / "log"))
    assert b"TRACE" not in done.stderr
    assert b"one write" in (tmp_path / "log").read_bytes()


def test_a_prompt_without_a_newline_is_shown_at_once(tmp_path: Path) -> None:
    asks = _program(tmp_path / "asks", "#!/bin/bash\nprintf 'Enter a value: '; read -r x; echo \"got $x\"\n")
    with subprocess.Popen(_argv(asks), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert os.read(process.stdout.fileno(), 100) == b"Enter a value: "
        process.stdin.write(b"yes\n")
        process.stdin.flush()
        assert process.stdout.read() == b"got yes\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 7), (signal.SIGINT, 0)])
def test_sigterm_is_passed_on_and_sigint_is_not(tmp_path: Path, number: int, status: int) -> None:
    waits = _program(
        tmp_path / "waits",
        "#!/bin/bash\ntrap 'exit 7' TERM\ntrap 'exit 8' INT\necho ready\nfor i in {1..10}; do sleep .1; done\n",
    )
    with subprocess.Popen(_argv(waits), stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(10) == status


def test_the_environment_arrives_as_it_was() -> None:
    done = subprocess.run(_argv(Path("/usr/bin/env")), env={"my-var": "1", "b": "="}, stdout=subprocess.PIPE)
    assert sorted(done.stdout.splitlines()) == [b"b==", b"my-var=1"]


def test_a_log_message_longer_than_a_packet_disappears_whole(tmp_path: Path) -> None:
    text = "import os; os.write(2, b'[INFO] ' + b'x' * 10000 + b'\\n'); os.write(2, b'said\\n')"
    long = _program(tmp_path / "long", f"#!{sys.executable}\n{text}\n")
    assert _run(long).stderr == b"said\n"


def test_a_prefix_that_arrives_in_two_pieces_is_one(capfd: pytest.CaptureFixture[str]) -> None:
    sorter = panicwrap.Sorter()
    for piece in (b"e", b":bad\no", b":good\n", b"o"):
        sorter.feed(piece)
    sorter.finish()
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("good\no", "bad\n")


def _program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def _argv(child: Path) -> list[str]:
    parent = Path(panicwrap.__file__).read_text()
    return [sys.executable, "-ISc", f"{parent}\nraise SystemExit(main({str(child)!r}))"]


def _run(child: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(_argv(child), env={**os.environ, **environ}, capture_output=True, timeout=30)
