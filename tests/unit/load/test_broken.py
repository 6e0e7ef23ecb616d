"""Broken sites: `broken/*.case` changes a few lines of `site/cluster.yaml` and says what follows.

Lines that begin with `- ` are replaced by those that begin with `+ `; `@@` separates changes;
below `===` stands the whole text of `colossus check`. Adding a case is adding a file.
"""

import shutil
from pathlib import Path

import pytest

from colossus.cli.views.findings import as_text
from colossus.load.site import load_site

HERE = Path(__file__).parent
CASES = sorted((HERE / "broken").glob("*.case"))


def changed(text: str, changes: str) -> str:
    for change in changes.split("\n@@\n"):
        lines = change.splitlines()
        old = "".join(line[2:] + "\n" for line in lines if line.startswith("- "))
        new = "".join(line[2:] + "\n" for line in lines if line.startswith("+ "))
        assert f"\n{text}".count(f"\n{old}") == 1, f"not exactly once in the site:\n{old}"
        text = f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:]
    return text


def outcome(changes: str, folder: Path) -> str:
    shutil.copytree(HERE / "site", folder, dirs_exist_ok=True)
    site = folder / "cluster.yaml"
    site.write_text(changed(site.read_text(encoding="utf-8"), changes), encoding="utf-8")
    return as_text(load_site(folder).diagnostics)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    changes, _, wanted = case.read_text(encoding="utf-8").partition("\n===\n")
    assert outcome(changes, tmp_path) == wanted.rstrip("\n")


def test_the_unbroken_site_has_no_findings() -> None:
    loaded = load_site(HERE / "site")
    assert as_text(loaded.diagnostics) == "no findings"
    assert loaded.site is not None
    assert sorted(loaded.catalog) == ["acme/box", "acme/rack", "acme/switch"]
