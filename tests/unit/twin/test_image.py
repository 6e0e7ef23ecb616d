"""The image is named by its recipe, and a build that fails leaves none."""

from pathlib import Path

import pytest

from colossus.errors import RehearsalFailed
from colossus.twin import image, state
from colossus.twin.stale import remove_stale_images
from colossus.twin.vm.image import vm_image_path


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package list and a cache of the test's own."""
    path = tmp_path / "infra/twin/image/packages.txt"
    path.parent.mkdir(parents=True)
    path.write_text("# what a node carries\nfrr\nlldpd  # neighbours\n\n", encoding="utf-8")
    monkeypatch.setattr(image, "share", lambda name: tmp_path / name)
    monkeypatch.setattr(image, "site_cache_path", lambda name: tmp_path / "cache" / name)
    return path


def test_the_list_allows_comments(recipe: Path) -> None:
    assert recipe.exists()
    assert image.package_list() == ("frr", "lldpd")


def test_another_list_is_another_image(recipe: Path) -> None:
    before = image.image_path()
    assert image.image_path() == before
    recipe.write_text("frr\n", encoding="utf-8")
    assert image.image_path() != before


def test_a_failed_build_leaves_nothing_and_says_why(
    recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def refuse(argv: list[str]) -> str:
        raise RehearsalFailed(f"{argv[0]} failed")

    monkeypatch.setattr(image, "run", refuse)
    with pytest.raises(RehearsalFailed, match=r"^apt-get failed$"):
        image.ensure_image(said.append)
    assert said == ["building the twin's image, once: 2 packages"]
    assert not image.image_status().built
    assert [path for path in image.image_path().parent.parent.iterdir() if path.is_dir()] == []
    assert recipe.exists()


def test_a_built_image_is_used_as_it_is(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recipe.exists()

    def build(argv: list[str]) -> str:
        if argv[0] == "mmdebstrap":
            Path(argv[-2]).mkdir()
        return "deb mirror bookworm main\n" if argv[0] == "apt-get" else "frr 8.4\n"

    monkeypatch.setattr(image, "run", build)
    assert image.ensure_image() == image.image_path()
    monkeypatch.setattr(image, "run", None)
    assert image.ensure_image() == image.image_path()
    assert image.image_status().packages == ("frr 8.4",)


def test_images_of_other_recipes_can_be_removed(
    recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert recipe.exists()
    folder = image.image_folder()
    today, machines = image.image_path().parent, vm_image_path()
    yesterday = [folder / f"{kind}{'0' * 16}" for kind in ("", "install-", "vm-")]
    half = folder / f"vm-{'1' * 16}.new"
    for path in (today, machines, *yesterday, half, folder / "somebody-elses"):
        (path / "root").mkdir(parents=True)
        path.with_name(f"{path.name}.lock").touch()
    monkeypatch.setattr(state, "names", lambda: ["desk"])
    with pytest.raises(RehearsalFailed, match="desk may use an older image"):
        remove_stale_images()
    monkeypatch.setattr(state, "names", list)
    assert remove_stale_images() == sorted([*yesterday, half])
    left = {path.name for path in folder.iterdir() if path.is_dir()}
    assert left == {today.name, machines.name, "somebody-elses"}
    assert remove_stale_images() == []
