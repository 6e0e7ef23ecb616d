"""What plans are made against: what the journal adds to what hosts say, and the command itself."""

import json
import shutil
from pathlib import Path

import pytest

from colossus.cli.known import with_retired
from colossus.cli.main import run
from colossus.plan.document import from_text
from tests.unit.sites import ROOT, desired_of

EXAMPLE = ROOT / "examples" / "stanford-nlp"


def test_what_is_wanted_no_more_is_known_from_the_journal() -> None:
    desired = desired_of()
    found = {"gpu-0001": {"file:/etc/hostname": "found"}}
    last = {
        "gpu-0001": {"file:/etc/hostname": "applied", "file:/etc/old": "applied"},
        "gpu-0002": {"file:/etc/old": "applied"},
        "gpu-0099": {"file:/etc/hostname": "applied"},
    }
    assert with_retired(found, last, desired) == {
        "gpu-0001": {"file:/etc/hostname": "found", "file:/etc/old": "applied"},
        # gpu-0002 did not answer, so nothing is known of it
        "gpu-0099": {"file:/etc/hostname": "applied"},
    }


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    journal = tmp_path / "none.sqlite"
    monkeypatch.setenv("COLOSSUS_JOURNAL", str(journal))
    return journal


def test_a_first_plan_is_against_nothing_and_writes_nothing(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", str(EXAMPLE), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["against"] == "nothing"
    assert not nowhere.exists()


@pytest.mark.usefixtures("nowhere")
def test_changes_can_be_told_by_the_exit_status() -> None:
    assert run(["plan", str(EXAMPLE), "--detailed-exitcode"]) == 2
    assert run(["plan", str(EXAMPLE), "--base", str(EXAMPLE), "--detailed-exitcode"]) == 0


@pytest.mark.usefixtures("nowhere")
def test_a_saved_plan_is_the_one_that_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.json"
    assert run(["plan", str(EXAMPLE), "--out", str(out), "--format", "json"]) == 0
    assert out.read_text("utf-8") == capsys.readouterr().out
    assert from_text(out.read_text("utf-8")).cluster == "stanford-nlp"


def test_two_questions_at_once_are_refused() -> None:
    assert run(["plan", str(EXAMPLE), "--live", "--base", "HEAD"]) == 64


def test_render_writes_some_hosts(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(["render", str(EXAMPLE), "--out", str(out), "--limit", "gpu-[0001-0002]"]) == 0
    assert {path.name for path in out.iterdir()} == {"gpu-0001", "gpu-0002", ".colossus-render"}
    assert run(["render", str(EXAMPLE), "--out", str(out), "--limit", "gpu-0099"]) == 64
    assert run(["render", str(EXAMPLE), "--out", str(out), "--limit", "rack=a02,ctl-01"]) == 0
    names = {path.name for path in out.iterdir()}
    assert {"gpu-0005", "ctl-01"} <= names
    assert "gpu-0001" not in names


def test_render_tells_what_a_twin_replaces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", str(EXAMPLE), "--out", str(tmp_path / "out"), "--twin"]) == 0
    assert "substituted for the twin: slurm/slurm.conf ProctrackType:" in capsys.readouterr().err


def test_hosts_that_cannot_be_asked_are_named_and_left_out(
    nowhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without its key nothing is reached: exit 12, one line per host, and a plan for the others."""
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE, site, ignore=shutil.ignore_patterns("expected"))
    text = (site / "cluster.yaml").read_text("utf-8")
    text = text.replace("key: file:~/.ssh/id_ed25519", "key: file:no-such-key")
    (site / "cluster.yaml").write_text(text, encoding="utf-8")
    assert run(["plan", str(site), "--live", "--format", "json"]) == 12
    said = capsys.readouterr()
    plan = json.loads(said.out)
    assert (plan["against"], plan["steps"], plan["summary"]["hosts_new"]) == ("live", [], 0)
    lines = [line for line in said.err.splitlines() if line.startswith("not asked: ")]
    assert len(lines) == 11
    assert not nowhere.exists()
