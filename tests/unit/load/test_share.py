"""The one function that finds the folders operators own."""

from pathlib import Path

import pytest

from colossus import share as module
from colossus.share import ShareMissing, checkout, share


def make_checkout(folder: Path) -> Path:
    (folder / "playbooks").mkdir(parents=True)
    (folder / "inventory").mkdir()
    (folder / "pyproject.toml").touch()
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory in no checkout, and a package that is installed as from a wheel."""
    package = tmp_path / "site-packages" / "colossus"
    (package / "_share" / "inventory").mkdir(parents=True)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.setattr(module, "_PACKAGE", package)
    return tmp_path


def test_the_checkout_around_the_site_wins(elsewhere: Path) -> None:
    near = make_checkout(elsewhere / "near")
    assert share("inventory", near / "sites" / "mine") == near / "inventory"


def test_then_the_checkout_around_the_working_directory(elsewhere: Path) -> None:
    here = make_checkout(elsewhere / "cwd")
    assert share("inventory", elsewhere) == here / "inventory"


def test_then_the_wheels_own_folders(elsewhere: Path) -> None:
    assert share("inventory") == elsewhere / "site-packages" / "colossus" / "_share" / "inventory"


def test_a_checkout_without_the_folder_falls_through(elsewhere: Path) -> None:
    near = make_checkout(elsewhere / "near")
    (near / "inventory").rmdir()
    assert "_share" in share("inventory", near).parts


def test_a_damaged_installation_says_so(elsewhere: Path) -> None:
    with pytest.raises(ShareMissing, match="`playbooks` is in no checkout") as fault:
        share("playbooks", elsewhere)
    assert fault.value.hint


def test_a_folder_with_pyproject_alone_is_no_checkout(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert checkout(tmp_path) != tmp_path
