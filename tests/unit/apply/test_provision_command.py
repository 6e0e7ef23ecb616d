"""What `provision` and `runs` refuse before any host is contacted, with the right exit status."""

import json
import shutil
from pathlib import Path

import pytest

from colossus.cli.main import run as colossus


@pytest.fixture
def site(tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    shutil.copytree(checkout / "examples" / "stanford-nlp", folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("COLOSSUS_JOURNAL", raising=False)
    monkeypatch.setenv("COLOSSUS_TWINS", str(tmp_path / "twins"))
    monkeypatch.chdir(tmp_path)
    return folder


def saved(site: Path) -> Path:
    file = site.parent / "plan.json"
    assert colossus(["plan", str(site), "--out", str(file)]) == 0
    return file


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--connect", "production"], 64, "There is: --connect twin."),
        (["--via", "pulumi", "--dry-run"], 64, "a dry run applies to its own twin"),
        (["--format", "junit"], 64, "An apply prints text or json."),
        (["--limit", "gpu-[01"], 64, "--limit"),
        (["--connect", "twin"], 15, "no twin is up"),
        (["--yes"], 10, "id_ed25519"),
    ],
)
def test_refused_before_anything_is_done(
    site: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, said: str
) -> None:
    assert colossus(["provision", str(site), *words]) == status
    assert said in capsys.readouterr().err


def with_key(site: Path) -> None:
    key = site.parent / ".ssh" / "id_ed25519"
    key.parent.mkdir()
    key.write_text("not looked at before somebody agrees")
    key.chmod(0o600)


def test_nobody_to_ask_means_nothing_is_done(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_key(site)
    assert colossus(["provision", str(site)]) == 64
    captured = capsys.readouterr()
    assert "Add --yes" in captured.err
    assert "11 new" in captured.out
    assert colossus(["runs", "list"]) == 0
    assert "no runs yet" in capsys.readouterr().err


def test_a_limit_names_hosts_of_the_site(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_key(site)
    assert colossus(["provision", str(site), "--limit", "gpu-[0001-0002],gpu-9999"]) == 64
    assert "no host is called gpu-9999" in capsys.readouterr().err
    assert colossus(["provision", str(site), "--limit", "rack=a09"]) == 64
    assert "no machine stands in rack=a09" in capsys.readouterr().err


def test_a_limit_names_places_of_the_site(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_key(site)
    assert colossus(["provision", str(site), "--limit", "rack=a02"]) == 64
    shown = capsys.readouterr().out
    assert "gpu-0005" in shown or "gpu-[0005" in shown
    assert "gpu-0001" not in shown


def test_an_edited_plan_is_refused(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(site)
    document = json.loads(file.read_text())
    document["steps"] = document["steps"][:-1]
    file.write_text(json.dumps(document))
    assert colossus(["provision", str(file), "--yes"]) == 16
    assert "changed after it was made" in capsys.readouterr().err


def test_a_plan_of_another_cluster_is_refused(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(site)
    other = site.parent / "cluster.yaml"
    other.write_text(
        (site / "cluster.yaml").read_text().replace("cluster: stanford-nlp", "cluster: x", 1)
    )
    assert colossus(["provision", str(file), "--yes"]) == 16
    assert "was made for stanford-nlp, not for x" in capsys.readouterr().err
    other.unlink()
    assert colossus(["provision", str(file), "--yes"]) == 64
    assert "neither beside it nor here" in capsys.readouterr().err


def test_runs_that_nobody_knows(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.exists()
    assert colossus(["runs", "resume"]) == 1
    assert "no runs yet" in capsys.readouterr().err
    assert colossus(["runs", "list", "--journal", "nowhere"]) == 64
    assert "there is no journal nowhere" in capsys.readouterr().err
    assert colossus(["runs", "list", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"runs": [], "schema_version": 1}
