"""cluster.lock: written stably, read back as it was, replaced in one step."""

from pathlib import Path
from shutil import copytree

import pytest

from colossus.errors import UsageError
from colossus.fabric.design import design
from colossus.inventory.locks import Lock
from colossus.load.lock import lock_text, write_lock
from colossus.load.site import LOCK_FILE, load_site

SITE = Path(__file__).parent / "site"


@pytest.fixture
def lock() -> Lock:
    loaded = load_site(SITE)
    return design(loaded.accepted(), loaded.catalog).lock


def test_what_is_written_is_read_back(tmp_path: Path, lock: Lock) -> None:
    copytree(SITE, tmp_path, dirs_exist_ok=True)
    write_lock(tmp_path / LOCK_FILE, lock)
    loaded = load_site(tmp_path)
    assert loaded.diagnostics.failed is False
    assert loaded.lock == lock
    assert list(tmp_path.glob(".cluster.lock*")) == []


def test_the_same_lock_has_the_same_text(lock: Lock) -> None:
    turned = Lock.model_validate(
        {**lock.model_dump(), "roles": dict(reversed(list(lock.model_dump()["roles"].items())))},
    )
    assert lock_text(turned) == lock_text(lock)


def test_runs_of_numbers_stay_on_one_line(lock: Lock) -> None:
    assert "    u: [1, 7]\n" in lock_text(lock)


def test_the_lock_is_part_of_the_digest(tmp_path: Path, lock: Lock) -> None:
    copytree(SITE, tmp_path, dirs_exist_ok=True)
    before = load_site(tmp_path).digest
    write_lock(tmp_path / LOCK_FILE, lock)
    assert load_site(tmp_path).digest != before


def test_a_faulty_lock_is_a_finding_with_its_line(
    tmp_path: Path, lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(SITE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    text = lock_text(lock).replace("schema_version: 1", "schema_version: 2")
    (tmp_path / LOCK_FILE).write_text(text, encoding="utf-8")
    (finding,) = load_site(tmp_path).diagnostics
    line = text.splitlines().index("schema_version: 2") + 1
    assert str(finding.where) == f"cluster.lock:{line}"
    assert finding.code == "schema-not-a-choice"
    assert finding.where.path == "lock.schema_version"


def test_a_failed_write_leaves_the_old_lock(
    tmp_path: Path, lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / LOCK_FILE
    path.write_text("old", encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageError, match="No space"):
        write_lock(path, lock)
    assert path.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == [LOCK_FILE]
