"""wiring diff: the work order between two folders or revisions."""

import json
import subprocess
from pathlib import Path

import pytest

from colossus.cli.main import run
from tests.unit.sites import ROOT

Output = pytest.CaptureFixture[str]
STANFORD = ROOT / "examples" / "stanford-nlp"
GROWN = ROOT / "tests" / "fixtures" / "stanford-nlp-growth"


def test_the_same_folder_is_no_work(capsys: Output) -> None:
    assert run(["wiring", "diff", str(STANFORD), str(STANFORD)]) == 0
    output = capsys.readouterr()
    assert output.out == "0 tasks: 109 unchanged\n"
    assert output.err == ""


def test_growth_is_added_and_nothing_else(capsys: Output) -> None:
    assert run(["wiring", "diff", str(STANFORD), str(GROWN), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["counts"]["removed"] == document["counts"]["moved"] == 0
    assert document["counts"]["unchanged"] == 109
    assert {task["step"] for task in document["tasks"]} == {"add"}
    assert len(document["tasks"]) == document["counts"]["added"] > 0


def test_shrinking_takes_out_for_good(capsys: Output) -> None:
    assert run(["wiring", "diff", str(GROWN), str(STANFORD)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Take out for good:"
    assert lines[1].startswith("  rack a0")
    assert lines[2].startswith("   [ ]    1. ")
    assert "removed" in lines[-1]


def test_two_revisions_of_a_site(tmp_path: Path, capsys: Output) -> None:
    site = tmp_path / "site"
    for number, source in enumerate((STANFORD, GROWN)):
        site.mkdir(exist_ok=True)
        for name in ("cluster.yaml", "cluster.lock"):
            if (source / name).is_file():
                (site / name).write_bytes((source / name).read_bytes())
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(tmp_path)]
        if not number:
            subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "plan"], check=True)
        subprocess.run([*git, "tag", f"v{number}"], check=True)
    assert run(["wiring", "diff", "v0", "v1", "--at", str(site), "--format", "csv"]) == 0
    steps = {line.partition(",")[0] for line in capsys.readouterr().out.splitlines()[1:]}
    assert steps == {"add"}
    assert run(["wiring", "diff", "v0", str(site), "--format", "csv"]) == 0
    assert {line.partition(",")[0] for line in capsys.readouterr().out.splitlines()[1:]} == {"add"}
