from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.recovery import refreshing
from tests.unit.recovery.stage import CONFIG, REAL, SAVES, Stage, document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.recovery.refreshing import Home
    from tfwrap.stand.server import Stand


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage(tmp_path / "a plaçe")
    made.saved_file.parent.mkdir(parents=True)
    made.saved_file.write_bytes(document(CONFIG))
    made.saved_file.chmod(0o644)
    made.real.parent.mkdir()
    made.real.write_text(REAL)
    made.real.chmod(0o755)
    made.does(SAVES)
    made.has("prod", "lab")
    monkeypatch.chdir(made.root / "net")
    return made


@pytest.fixture
def home(tmp_path: Path, stand: Stand) -> Home:
    return refreshing.home(tmp_path / "home", stand)
