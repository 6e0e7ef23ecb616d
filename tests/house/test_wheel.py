"""An installed Colossus has everything a checkout has, without its tests."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.sources import ROOT, files

SHARED = ("inventory/", "playbooks/", "infra/", "examples/stanford-nlp/", "examples/grok1-node/")


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names inside a wheel built from the checkout."""
    folder: Path = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_carries_the_whole_package(carried: set[str]) -> None:
    package = {name.removeprefix("src/") for name in files() if name.startswith("src/")}
    assert package - carried == set()


def test_the_wheel_carries_the_folders_operators_own(carried: set[str]) -> None:
    shared = {f"colossus/_share/{name}" for name in files() if name.startswith(SHARED)}
    assert shared - carried == set()


def test_the_wheel_carries_nothing_else(carried: set[str]) -> None:
    strangers = [name for name in carried if not name.startswith(("colossus/", "colossus-"))]
    assert strangers == []
