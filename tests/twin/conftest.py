"""A desk for each test, cleared afterwards."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.twin.sites import Desk


@pytest.fixture
def desk(tmp_path: Path, checkout: Path) -> Iterator[Desk]:
    """Folder of sites, twins and journals of this test's own; its twins are removed at the end."""
    made = Desk(tmp_path, checkout)
    yield made
    made.run("twin", "down", "--all")


@pytest.fixture
def no_pulumi_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's own Pulumi settings are of no interest here."""
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        monkeypatch.delenv(name)
