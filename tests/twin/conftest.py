"""A desk for each test, cleared afterwards."""

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
