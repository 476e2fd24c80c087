"""testing.providers finds AWS providers that lie here and lays them out as a filesystem mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from testing import providers
from testing.packages import Unavailable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory, named in TFWRAP_TEST_PLUGINS, in which one provider is unpacked."""
    place = tmp_path / "plugins" / providers.ADDRESS / "5.100.0" / providers.PLATFORM
    place.mkdir(parents=True)
    (place / providers.FOUND["5.100.0"]).write_text("#!/bin/sh\n")
    (place / providers.FOUND["5.100.0"]).chmod(0o755)
    monkeypatch.setenv("TFWRAP_TEST_PLUGINS", str(tmp_path / "plugins"))
    monkeypatch.setenv("TFWRAP_TEST_CACHE", str(tmp_path / "a cache"))
    monkeypatch.setattr(providers, "require_platform", lambda: None)
    return place


def test_an_unpacked_provider_is_linked_into_the_mirror(plugins: Path) -> None:
    mirror = providers.provider_mirror("5.100.0")
    assert (mirror / providers.ADDRESS / "5.100.0" / providers.PLATFORM).resolve() == plugins


def test_the_cli_configuration_names_the_mirror_and_no_network(plugins: Path, tmp_path: Path) -> None:
    with open(providers.cli_config("5.100.0")) as file:
        text = file.read()
    assert f'path = "{tmp_path}/a cache/mirror"' in text
    assert "direct" not in text


def test_a_provider_that_moved_is_linked_again(plugins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    providers.provider("5.100.0")
    (tmp_path / "plugins").rename(tmp_path / "moved")
    monkeypatch.setenv("TFWRAP_TEST_PLUGINS", str(tmp_path / "moved"))
    assert providers.provider("5.100.0").is_relative_to(tmp_path / "moved")
    assert (providers.provider_mirror() / providers.ADDRESS / "5.100.0" / providers.PLATFORM).is_dir()


def test_a_provider_that_nobody_has_unpacked_is_a_reason_to_skip(
    plugins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "_roots", lambda: [tmp_path / "nothing"])
    with pytest.raises(Unavailable, match=r"AWS provider 5\.100\.0 is not unpacked here.*TFWRAP_TEST_PLUGINS"):
        providers.provider("5.100.0")
