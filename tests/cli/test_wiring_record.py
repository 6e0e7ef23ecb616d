"""wiring record and status: completed sheets, twice; proposals once; faults with their cells."""

import csv
import io
import json
import re
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from colossus.cli.main import run
from colossus.fabric.whole import whole
from colossus.sheets.plugs import plugs_of
from colossus.sheets.workbook import read_xlsx, tables_xlsx
from colossus.wiring.ends import end_rows
from tests.unit.sites import ROOT, fabric_of

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return Path(copytree(ROOT / "examples" / "stanford-nlp", tmp_path / "site"))


def completed(*cells: tuple[int, str, str], done: int = 0) -> Path:
    """The workbook of the site with rack a01 filled in: row (from 1), column, text."""
    assert run(["wiring", "sheets", "site", "--out", "books", "--format", "xlsx"]) == 0
    sheets = read_xlsx(Path("books/hall-main.xlsx").read_bytes())
    header, *rows = sheets["a01"]
    for row in range(done):
        rows[row][header.index("done")] = "x"
        rows[row][header.index("done by")] = " ann "
    for row, column, text in cells:
        rows[row - 1][header.index(column)] = text
    path = Path("completed.xlsx")
    path.write_bytes(tables_xlsx([("title", ("anything",), []), ("a01", header, rows)]))
    return path


def record(*files: Path) -> int:
    return run(["wiring", "record", "site", *map(str, files)])


def status(capsys: Output) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["wiring", "status", "site", "--format", "json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_recorded_twice_is_recorded_once(capsys: Output) -> None:
    deviations = [(1, "used port", "33"), (2, "used port", "34"), (30, "remark", "used port 40")]
    path = completed(*deviations, done=12)
    capsys.readouterr()
    assert record(path) == 0
    first = capsys.readouterr().out
    assert first.endswith("12 plugs newly done, 0 changed, 3 new proposals; 12 of 250 plugs done\n")
    assert "+ DBKM-8XNH: oob-01 port 33\n" in first
    override = '{port: "gpu-0001:enp226s0", meets: "oob-01:33", reason: "as the floor cabled it"}'
    assert f"  cluster.yaml, cable_overrides: + {override}\n" in first
    assert '  cluster.yaml, fabrics.oob.reserved: + "oob-01:33"\n' in first
    kept = Path("site/cabling.json").read_bytes()
    assert record(path) == 0
    assert capsys.readouterr().out == (
        "0 plugs newly done, 0 changed, 0 new proposals; 12 of 250 plugs done\n"
    )
    assert Path("site/cabling.json").read_bytes() == kept
    told = status(capsys)
    assert (told["plugs"], told["done"]) == (250, 12)
    assert [rack["done"] for rack in told["racks"]] == [12, 0]
    assert len(told["proposals"]) == 3


def test_a_proposal_taken_over_is_the_plan(site: Path, capsys: Output) -> None:
    """What the proposal says, written into the site: it checks, and the plan is as the floor is."""
    remark = 'port 1: dead, "used 33"'
    assert record(completed((1, "used port", "33"), (1, "remark", remark))) == 0
    told = capsys.readouterr().out
    lines = re.findall(r"  cluster.yaml, (\S+): \+ (.*)", told)
    assert [key for key, _ in lines] == ["cable_overrides", "fabrics.oob.reserved"]
    path = site / "cluster.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["cable_overrides"] = [yaml.safe_load(lines[0][1])]
    document["fabrics"]["oob"]["reserved"] = [yaml.safe_load(lines[1][1])]
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    assert run(["check", "site"]) == 0
    capsys.readouterr()
    assert run(["show", "site", "port", "oob-01:33", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["port"]["neighbour"] == "gpu-0001"


def test_nothing_of_the_site_changes(site: Path) -> None:
    before = (site / "cluster.yaml").read_bytes()
    assert record(completed((1, "used port", "33"), done=1)) == 0
    assert (site / "cluster.yaml").read_bytes() == before
    assert run(["check", "site"]) == 0


def test_the_planned_port_is_no_deviation(capsys: Output) -> None:
    path = completed((1, "used port", "1"), done=1)
    capsys.readouterr()
    assert record(path) == 0
    assert "0 new proposals" in capsys.readouterr().out


def test_another_outlet_is_proposed_as_an_override_of_that_cord(capsys: Output) -> None:
    rows = end_rows(whole(fabric_of(), {}).fabric).rack(0)
    plugs = [(plug.first["device"], plug.first["interface"]) for plug in plugs_of(rows)]
    line = plugs.index(("pdu-a01-a1", "outlet-1")) + 1
    path = completed((line, "used port", "13"), (line + 1, "used port", "2"))
    capsys.readouterr()
    assert record(path) == 0
    told = capsys.readouterr().out
    ends = 'port: "gpu-0001:psu-1", meets: "pdu-a01-a1:outlet-13"'
    wanted = f'{{{ends}, reason: "as the floor cabled it"}}'
    assert f"  cluster.yaml, cable_overrides: + {wanted}\n" in told
    assert "0 plugs newly done, 0 changed, 1 new proposal;" in told


def test_csv_sheets_come_back_too(capsys: Output) -> None:
    assert run(["wiring", "sheets", "site", "--out", "sheets", "--format", "csv"]) == 0
    text = Path("sheets/rack-a02.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        row["installed_by"] = "bob"
    with Path("done.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, sorted(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    capsys.readouterr()
    assert record(Path("done.csv")) == 0
    assert capsys.readouterr().out.startswith("90 plugs newly done")
    assert run(["wiring", "status", "site"]) == 0
    assert capsys.readouterr().out.splitlines()[2].split() == ["a02", "90", "90", "100", "0"]


def test_every_fault_is_told_with_its_cell_and_nothing_is_recorded(capsys: Output) -> None:
    path = completed(
        (1, "cable", "ZZZZ-ZZZZ"), (2, "done", "maybe"), (3, "device", "oob-99"), done=1
    )
    capsys.readouterr()
    assert record(path) == 10
    told = capsys.readouterr().err
    assert "error[record-unknown-plug] completed.xlsx:2: a01!F2: the plan has no cable" in told
    assert "there the plan has DBKM-8XNH" in told
    assert "a01!A3: done says 'maybe', which is neither yes nor no" in told
    assert "a01!F4: the plan has no cable PV75-GJ5A at oob-99 swp3" in told
    assert not Path("site/cabling.json").exists()


def test_a_file_without_a_table_is_refused(capsys: Output) -> None:
    Path("notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert record(Path("notes.csv")) == 10
    assert "error[record-no-table] notes.csv" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"PK\x03\x04 no workbook", b"\xff\xfe\x00", b"a" * 200_000])
def test_what_is_no_table_file_is_refused(content: bytes) -> None:
    Path("bad.xlsx").write_bytes(content)
    assert record(Path("bad.xlsx")) == 10
    assert record(Path("absent.xlsx")) == 10


@pytest.mark.parametrize("text", ["{", "[]", '{"schema_version": 9}', '{"schema_version": 1}'])
def test_a_damaged_record_is_refused(text: str) -> None:
    Path("site/cabling.json").write_text(text, encoding="utf-8")
    assert run(["wiring", "status", "site"]) == 10


def listed(capsys: Output) -> dict[str, list[dict[str, str]]]:
    capsys.readouterr()
    assert run(["wiring", "export", "site", "--format", "cables"]) == 0
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(capsys.readouterr().out)):
        rows.setdefault(row["cable_id"], []).append(row)
    return rows


def test_the_master_list_says_what_is_in_by_whom_and_when(capsys: Output) -> None:
    before = listed(capsys)
    path = completed((1, "date", "2026-11-20"), (1, "serial", "FS-1"), (2, "used port", "44"))
    sheet = read_xlsx(path.read_bytes())["a01"]
    header, rows = sheet[0], sheet[1:]
    cable = rows[0][header.index("cable")]
    ends = [row for row in rows if row[header.index("cable")] == cable]
    ends[0][header.index("done")] = "x"
    ends[0][header.index("done by")] = "ann"
    path.write_bytes(tables_xlsx([("a01", header, rows)]))
    assert record(path) == 0
    (row,) = listed(capsys)[cable]
    assert (row["status"], row["installed_by"]) == ("pulled", "ann")
    for end in ends:
        end[header.index("done")], end[header.index("done by")] = "x", "bob"
    ends[0][header.index("done by")] = "ann"
    path.write_bytes(tables_xlsx([("a01", header, rows)]))
    assert record(path) == 0
    after = listed(capsys)
    (row,) = after[cable]
    assert (row["status"], row["installed_at"]) == ("connected", "2026-11-20")
    assert row["installed_by"] in ("ann + bob", "bob + ann")
    assert row["note"] == "serial FS-1"
    moved = rows[1][header.index("cable")]
    assert any("in port 44" in each["note"] for each in after[moved])
    assert before.keys() == after.keys()
    untouched = before.keys() - {cable, moved}
    assert {name: before[name] for name in untouched} == {n: after[n] for n in untouched}
