"""The inventory as of a git revision: read without touching the repository."""

import subprocess
from pathlib import Path
from shutil import copytree

import pytest

from colossus.errors import InventoryRefused
from colossus.load.revision import load_revision
from colossus.load.site import load_site

SITE = Path(__file__).parent / "site"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example", "-c", "init.defaultBranch=main")
    return subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the small site in `sites/small`, then a second commit that renames it."""
    site = tmp_path / "sites" / "small"
    copytree(SITE, site)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    file = site / "cluster.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("cluster: small", "cluster: renamed"))
    git(tmp_path, "commit", "-q", "-a", "-m", "second")
    return tmp_path


@pytest.mark.parametrize("given", ["sites/small", "sites/small/cluster.yaml"])
def test_an_older_revision_is_read(repository: Path, given: str) -> None:
    loaded = load_revision(repository / given, "HEAD~1")
    assert loaded.accepted().cluster == "small"
    assert load_site(repository / given).accepted().cluster == "renamed"
    assert git(repository, "status", "--porcelain") == ""


def test_findings_name_files_as_in_the_repository(repository: Path) -> None:
    loaded = load_revision(repository / "sites" / "small", "HEAD")
    assert loaded.places.find("cluster").file == "sites/small/cluster.yaml"


def test_the_scratch_copy_goes_with_the_result(repository: Path) -> None:
    loaded = load_revision(repository / "sites" / "small", "HEAD")
    scratch = loaded.folder
    assert (scratch / "cluster.yaml").is_file()
    del loaded
    assert not scratch.exists()


def test_a_site_that_is_the_repository(tmp_path: Path) -> None:
    copytree(SITE, tmp_path, dirs_exist_ok=True)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    loaded = load_revision(tmp_path, "HEAD")
    assert loaded.accepted().cluster == "small"
    assert loaded.digest == load_site(tmp_path).digest


def test_a_folder_is_a_base_too(repository: Path) -> None:
    assert load_revision(repository / "sites" / "small", str(SITE)).accepted().cluster == "small"


@pytest.mark.parametrize("base", ["nosuch", "--output=/tmp/owned", "HEAD:sites", "", "HEAD~9"])
def test_what_is_no_revision_is_refused(repository: Path, base: str) -> None:
    with pytest.raises(InventoryRefused, match="there is no revision"):
        load_revision(repository / "sites" / "small", base)


def test_a_site_younger_than_the_revision_is_refused(repository: Path) -> None:
    copytree(SITE, repository / "sites" / "young")
    with pytest.raises(InventoryRefused, match="does not exist at revision 'HEAD'"):
        load_revision(repository / "sites" / "young", "HEAD")


def test_outside_a_repository_git_says_so(tmp_path: Path) -> None:
    copytree(SITE, tmp_path, dirs_exist_ok=True)
    with pytest.raises(InventoryRefused, match="not a git repository"):
        load_revision(tmp_path, "HEAD")


def test_variables_of_a_git_hook_do_not_mislead(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent/index")
    assert load_revision(repository / "sites" / "small", "HEAD~1").accepted().cluster == "small"


def test_links_are_left_out(repository: Path) -> None:
    (repository / "sites" / "small" / "outside").symlink_to("/etc/passwd")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "link")
    loaded = load_revision(repository / "sites" / "small", "HEAD")
    assert not (loaded.folder / "outside").exists()
