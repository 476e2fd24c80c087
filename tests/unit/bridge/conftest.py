"""What the tests of the bridge share."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.bridge.modules import Module, People
from tests.unit.recovery import refreshing
from tfwrap.terraform import versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.recovery.refreshing import Home
    from tfwrap.stand.server import Stand


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory whose path is short enough for a socket; pytest's own are too long."""
    with tempfile.TemporaryDirectory(prefix="b-") as path:
        yield Path(path)


@pytest.fixture
def home(tmp_path: Path, stand: Stand) -> Home:
    return refreshing.home(tmp_path / "home", stand)


@pytest.fixture
def module(home: Home, short: Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    """A root module for a Terraform that knows no login session; its bridges lie in `short`."""
    short.chmod(0o700)
    monkeypatch.setattr(versions, "detect", lambda *_: (1, 11, 4))
    (home.path / "net").mkdir()
    more = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_STS": home.where.url, "XDG_RUNTIME_DIR": str(short)}
    home.environ.update(more)
    return Module(home, home.path / "net")


@pytest.fixture
def people(stand: Stand, home: Home) -> People:
    user = stand.keys.create(account="111111111111", user="anna")
    serial = f"arn:aws:iam::111111111111:mfa/anna-{user.id}"
    stand.keys.add_mfa_device(serial, "123456")
    made = People(user, serial, stand.keys.add_role("222222222222", "guarded", needs_mfa=True).arn)
    home.write(made.profile("prod"), refreshing.keys("base", user))
    return made
