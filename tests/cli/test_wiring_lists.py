"""wiring labels, bom and pulls as an operator runs them."""

import csv
import io
import json
from pathlib import Path

import pytest

from colossus.cli.main import run
from tests.unit.sites import ROOT

Output = pytest.CaptureFixture[str]
STANFORD = str(ROOT / "examples" / "stanford-nlp")


@pytest.mark.parametrize("kind", ["csv", "zpl", "pdf"])
def test_labels_are_a_file_per_book(tmp_path: Path, capsys: Output, kind: str) -> None:
    out = tmp_path / "labels"
    assert run(["wiring", "labels", STANFORD, "--out", str(out), "--format", kind]) == 0
    assert capsys.readouterr().out == f"wrote 1 {kind} files to {out}\n"
    files = [path.name for path in out.iterdir() if path.name[0] != "."]
    assert files == [f"labels-hall-main.{kind}"]


def test_the_bill_in_three_formats(capsys: Output) -> None:
    assert run(["wiring", "bom", STANFORD, "--format", "csv", "--spares", "0"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert run(["wiring", "bom", STANFORD, "--format", "json", "--spares", "0"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert [line["count"] for line in document["lines"]] == [int(row["count"]) for row in rows]
    assert run(["wiring", "bom", STANFORD]) == 0
    assert capsys.readouterr().out.startswith("hall  delivery  item   fabric")


def test_pulls_as_bundles_and_as_cables(capsys: Output) -> None:
    assert run(["wiring", "pulls", STANFORD, "--rack", "a02"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert run(["wiring", "pulls", STANFORD, "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 110


def test_no_such_rack() -> None:
    assert run(["wiring", "pulls", STANFORD, "--rack", "z9"]) == 64
