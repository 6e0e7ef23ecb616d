"""Loading a whole inventory: catalogue overlay, digests, files that are not there."""

import gc
from pathlib import Path
from shutil import copytree

import pytest

from colossus.cli.views.findings import as_text
from colossus.inventory.catalog import Server
from colossus.load.refused import SiteRefused
from colossus.load.site import Loaded, load_site
from colossus.share import share

SITE = Path(__file__).parent / "site"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copytree(SITE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def codes(loaded: Loaded) -> list[str]:
    return [finding.code for finding in loaded.diagnostics]


def test_a_folder_and_its_file_are_the_same_inventory(folder: Path) -> None:
    by_file, by_folder = load_site(folder / "cluster.yaml"), load_site(folder)
    assert by_file.site == by_folder.site
    assert by_file.digest == by_folder.digest
    assert by_file.folder == by_folder.folder


def test_only_models_that_the_site_names_are_read(folder: Path) -> None:
    (folder / "catalog" / "acme" / "unused.yaml").write_text("{broken", encoding="utf-8")
    assert load_site(folder).diagnostics.failed is False


def test_the_sites_own_model_wins_over_the_shipped_one(folder: Path) -> None:
    shipped = sorted((share("inventory") / "catalog").glob("*/sys-111c-nr.yaml"))[0]
    own = folder / "catalog" / shipped.parent.name / shipped.name
    own.parent.mkdir()
    own.write_bytes(shipped.read_bytes())
    rewrite(own, "memory_gib: 256", "memory_gib: 512")
    rewrite(folder / "cluster.yaml", "acme/box", f"{own.parent.name}/{own.stem}")
    item = load_site(folder).catalog[f"{own.parent.name}/{own.stem}"]
    assert isinstance(item, Server)
    assert item.memory_gib == 512


def test_a_faulty_model_is_one_finding_at_its_own_file(folder: Path) -> None:
    rewrite(folder / "catalog" / "acme" / "box.yaml", "height_u: 2", "height_u: two")
    assert as_text(load_site(folder).diagnostics) == (
        "error[schema-wrong-type] catalog/acme/box.yaml:7: 'height_u' must be a whole number,"
        " not 'two'\n    at catalog.acme/box.height_u\n1 error"
    )


def test_a_model_in_the_wrong_file_is_named(folder: Path) -> None:
    rewrite(folder / "catalog" / "acme" / "box.yaml", "model: box", "model: bix")
    (finding,) = load_site(folder).diagnostics
    assert (finding.code, str(finding.where)) == ("catalog-name", "catalog/acme/box.yaml:3")


def test_a_reference_cannot_leave_the_catalogue(folder: Path) -> None:
    rewrite(folder / "cluster.yaml", "acme/switch", "../../etc/passwd")
    assert codes(load_site(folder)) == ["schema-bad-form"]


def test_no_inventory_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert as_text(load_site(Path("nowhere")).diagnostics) == (
        "error[file-unreadable] nowhere/cluster.yaml: the file cannot be read:"
        " no such file or directory\n"
        "    hint: name a folder that holds a cluster.yaml, or that file\n1 error"
    )


def test_an_empty_file_is_a_finding(folder: Path) -> None:
    (folder / "cluster.yaml").write_text("# later\n", encoding="utf-8")
    assert as_text(load_site(folder).diagnostics) == (
        "error[schema-wrong-type] cluster.yaml:1: the file is empty\n"
        "    hint: `colossus init` writes a starter\n1 error"
    )


def test_a_refused_site_raises_with_its_findings(folder: Path) -> None:
    rewrite(folder / "cluster.yaml", "role: gpu\n        u", "role: gpuu\n        u")
    with pytest.raises(SiteRefused) as refusal:
        load_site(folder).accepted()
    assert [finding.code for finding in refusal.value.findings] == ["reference-unknown"]
    assert refusal.value.exit_status == 10


def test_a_missing_model_is_one_finding_per_use(folder: Path) -> None:
    rewrite(folder / "cluster.yaml", "acme/rack", "acme/rakc")
    assert codes(load_site(folder)) == ["reference-unknown"]


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(*, enabled: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        load_site(SITE)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()


def test_what_changes_a_file_changes_the_digest(folder: Path) -> None:
    before = load_site(folder).digest
    rewrite(folder / "catalog" / "acme" / "rack.yaml", "load_kg: 1200", "load_kg: 1300")
    assert load_site(folder).digest != before
