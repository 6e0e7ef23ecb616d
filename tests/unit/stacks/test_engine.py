"""Which engine is chosen, and what is said when there is none."""

from pathlib import Path

import pytest

from colossus.stacks.engine import EngineMissing, find_engine


def engine(folder: Path, version: str) -> Path:
    program = folder / "bin" / "pulumi"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho {version}\n", "utf-8")
    program.chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any engine."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("COLOSSUS_PULUMI", raising=False)
    return tmp_path


def test_without_an_engine_the_cure_is_named() -> None:
    with pytest.raises(EngineMissing) as refused:
        find_engine()
    assert refused.value.summary == "there is no Pulumi engine 3.259.0 or newer"
    assert "make pulumi" in refused.value.hint
    assert refused.value.exit_status == 64


def test_one_on_path_counts_before_one_that_was_built(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = engine(machine / "cache" / "colossus" / "pulumi" / "d1", "v3.259.0")
    (built / "complete").touch()
    assert find_engine().origin == "make pulumi"
    newer = engine(machine / "opt", "v3.300.1")
    monkeypatch.setenv("PATH", f"{newer}/bin:/usr/bin:/bin")
    assert find_engine().version == (3, 300, 1)
    assert find_engine().origin == "PATH"


def test_an_engine_that_is_too_old_is_named(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = engine(machine / "opt", "v3.100.0")
    monkeypatch.setenv("PATH", f"{old}/bin:/usr/bin:/bin")
    with pytest.raises(EngineMissing, match=r"opt/bin/pulumi is too old"):
        find_engine()


def test_an_engine_that_was_not_finished_does_not_count(machine: Path) -> None:
    engine(machine / "cache" / "colossus" / "pulumi" / "d1", "v3.259.0")
    with pytest.raises(EngineMissing):
        find_engine()
