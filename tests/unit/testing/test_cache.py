"""testing.cache builds once, for all workers, and leaves nothing half-built."""

from __future__ import annotations

import multiprocessing
import time
from typing import TYPE_CHECKING

import pytest

from testing import cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TFWRAP_TEST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_was_built_is_not_built_again() -> None:
    first = cache.cached("thing", lambda draft: _write(draft / "file", "first"))
    again = cache.cached("thing", lambda draft: _write(draft / "file", "second"))
    assert first == again
    assert (again / "file").read_text() == "first"


def test_a_failed_build_leaves_nothing_and_may_be_tried_again(own_cache: Path) -> None:
    def fail(draft: Path) -> None:
        (draft / "half").touch()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cache.cached("thing", fail)
    assert not [path for path in own_cache.iterdir() if path.is_dir()]
    assert cache.cached("thing", lambda draft: _write(draft / "file", "x")).is_dir()


def test_workers_that_want_the_same_thing_wait_for_one_build() -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        built = pool.map(_build_slowly, range(3))
    assert len(set(built)) == 1


def _build_slowly(number: int) -> str:
    def build(draft: Path) -> None:
        time.sleep(0.2)
        _write(draft / "by", str(number))

    return (cache.cached("shared", build) / "by").read_text()


def test_the_cache_says_what_it_is(own_cache: Path) -> None:
    assert "tfwrap" in (cache.directory() / "README").read_text()


def test_a_file_is_replaced_whole(own_cache: Path) -> None:
    cache.replace_file(own_cache / "folder/file", "old")
    cache.replace_file(own_cache / "folder/file", "new")
    assert [path.name for path in (own_cache / "folder").iterdir()] == ["file"]
    assert (own_cache / "folder/file").read_text() == "new"


def test_a_link_follows_its_target(own_cache: Path) -> None:
    for name in ("one", "two", "two"):
        cache.replace_link(own_cache / "folder/link", own_cache / name)
    assert (own_cache / "folder/link").readlink() == own_cache / "two"
    assert [path.name for path in (own_cache / "folder").iterdir()] == ["link"]


def _write(path: Path, text: str) -> None:
    path.write_text(text)
