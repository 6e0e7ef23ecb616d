"""wiring import: foreign tables read, repaired, refused with every fault, compared."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from colossus.cli.main import run
from colossus.sheets.exports.cvt import ETHERNET
from colossus.sheets.workbook import read_xlsx, tables_xlsx
from tests.unit.sites import ROOT

Output = pytest.CaptureFixture[str]
STANFORD = str(ROOT / "examples" / "stanford-nlp")
SUPERPOD = str(ROOT / "examples" / "superpod-h100-1su")
A_RACK, A_U, A_DEVICE, A_PORT = 0, 1, 2, 4
Z_DEVICE, Z_PORT = 7, 9


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")


def exported(kind: str, site: str = STANFORD) -> Path:
    path = Path("p2p.csv" if kind in {"netbox", "cables"} else "p2p.xlsx")
    assert run(["wiring", "export", site, "--format", kind, "--out", str(path)]) == 0
    return path


def rows() -> list[list[str]]:
    """The rows of the Ethernet workbook of the example, to be changed and written as CSV."""
    (sheet,) = read_xlsx(exported("cvt-ethernet").read_bytes()).values()
    return sheet[1:]


def imported(lines: list[list[str]], *options: str, header: tuple[str, ...] = ETHERNET) -> int:
    text = io.StringIO()
    csv.writer(text).writerows([header, *lines])
    Path("p2p.csv").write_text(text.getvalue(), encoding="utf-8")
    return run(["wiring", "import", STANFORD, "p2p.csv", *options])


@pytest.mark.parametrize(
    ("kind", "site", "count"),
    [
        ("cvt-ethernet", STANFORD, 87),
        ("cvt-unified", STANFORD, 87),
        ("netbox", STANFORD, 87),
        ("cables", STANFORD, 141),
        ("cvt-infiniband", SUPERPOD, 626),
    ],
)
def test_what_we_export_is_what_is_planned(
    capsys: Output, kind: str, site: str, count: int
) -> None:
    path = exported(kind, site)
    capsys.readouterr()
    status = run(["wiring", "import", site, str(path), "--format", "json"])
    told = json.loads(capsys.readouterr().out)["counts"]
    assert told["same"] == count
    assert told["only_in_table"] == told["repaired"] == 0
    assert status == 0


def test_a_table_below_a_title_in_another_order_with_shcd_headings(capsys: Output) -> None:
    header = ("Source", "Rack", "Location", "", "Port", "Destination", "Rack", "Location", "Port")
    lines = [
        (
            *(r[A_DEVICE], r[A_RACK], f"u{r[A_U]}" if r[A_U] else "", "-", r[A_PORT]),
            *(r[Z_DEVICE], r[5], f"u{r[6]}", r[Z_PORT]),
        )
        for r in rows()
    ]
    content = tables_xlsx([("x", ("Cabling of the customer",), [(), header, *lines])])
    Path("shcd.xlsx").write_bytes(content)
    capsys.readouterr()
    assert run(["wiring", "import", STANFORD, "shcd.xlsx"]) == 0
    assert capsys.readouterr().out.startswith("87 same, 0 only in table")


def test_slips_are_repaired_told_and_corrected_in_a_copy(capsys: Output) -> None:
    lines = rows()
    at = next(n for n, row in enumerate(lines) if row[A_PORT] == "rail3")
    lines[at][A_DEVICE] = f" {lines[at][A_DEVICE].upper().replace('-000', '_')} "
    oob = next(n for n, row in enumerate(lines) if row[Z_DEVICE] == "oob-01")
    lines[oob][Z_PORT] = "j" + lines[oob][Z_PORT].removeprefix("swp")
    lines[0][A_RACK] = f" {lines[0][A_RACK].upper()}"
    capsys.readouterr()
    assert imported(lines) == 0
    output = capsys.readouterr()
    assert output.out.endswith("87 same, 0 only in table, 0 only in plan, 2 repaired\n")
    assert output.err.count("note[cabling-repaired]") == 2
    assert "is taken for gpu-000" in output.err
    capsys.readouterr()
    assert run(["wiring", "import", STANFORD, "p2p.corrected.csv"]) == 0
    assert capsys.readouterr().out.endswith("0 repaired\n")


def test_ranges_are_spread(capsys: Output) -> None:
    lines = [row for row in rows() if row[Z_DEVICE] != "oob-01" or row[A_DEVICE] != "ctl-01"]
    hosts = [row for row in lines if row[A_DEVICE] == "gpu-0001" and row[A_PORT] == "rail0"]
    capsys.readouterr()
    one = list(hosts[0])
    one[A_PORT], one[Z_PORT] = "rail0-1", "1/1-2"
    assert imported([one]) == 13
    assert capsys.readouterr().out.startswith("- ")
    one[Z_PORT] = "swp1s0-2"
    assert imported([one]) == 10
    assert "'rail0-1' is 2 ports, 'swp1s0-2' is 3 (J2)" in capsys.readouterr().err


def test_forty_faults_of_ten_kinds_are_forty_findings(capsys: Output) -> None:
    lines = [row for row in rows() if row[A_PORT].startswith("rail")]
    assert len(lines) == 64
    for number in range(4):
        lines[number][A_DEVICE] = "gqu-0001"
        lines[4 + number][A_PORT] = f"rail{number + 20}"
        lines[8 + number][Z_PORT] = "   "
        lines[12 + number][Z_DEVICE] = ""
        lines[16 + number][5:8] = lines[16 + number][:3]
        lines[16 + number][Z_PORT] = lines[16 + number][A_PORT]
        lines[20 + number][Z_PORT] = lines[40 + number][Z_PORT]
        lines[44 + number][Z_PORT] = "1-3"
        lines[8 * number + 7][A_RACK] = "z9"
        lines[8 * number + 39][A_U] = "33"
    lines += [list(row) for row in lines[24:28]]
    capsys.readouterr()
    assert imported(lines) == 10
    told = capsys.readouterr().err
    codes = Counter(
        line.partition("]")[0].removeprefix("error[")
        for line in told.splitlines()
        if line.startswith("error[")
    )
    assert codes == {
        "cabling-unknown-device": 4,
        "cabling-unknown-port": 4,
        "cabling-blank": 8,
        "cabling-itself": 4,
        "cabling-port-taken": 4,
        "cabling-range": 4,
        "cabling-twice": 4,
        "cabling-place": 8,
    }
    assert codes.total() == 40
    assert "did you mean gpu-000" in told


def test_a_conflict_names_both_cells(capsys: Output) -> None:
    lines = rows()[:3]
    lines[1][A_DEVICE], lines[1][A_PORT] = lines[0][A_DEVICE], lines[0][A_PORT]
    capsys.readouterr()
    assert imported(lines) == 10
    told = capsys.readouterr().err
    assert "error[cabling-port-taken] p2p.csv:3: E3: " in told
    assert "in E2 already" in told


def test_another_cabling_is_shown_as_a_difference(capsys: Output) -> None:
    lines = rows()
    first, second = [n for n, row in enumerate(lines) if row[A_PORT] == "rail0"][:2]
    for place in (Z_DEVICE, Z_PORT):
        lines[first][place], lines[second][place] = lines[second][place], lines[first][place]
    capsys.readouterr()
    assert imported(lines) == 13
    output = capsys.readouterr().out.splitlines()
    assert sorted(line[0] for line in output[:-1]) == ["+", "+", "-", "-"]
    assert output[-1] == "85 same, 2 only in table, 2 only in plan, 0 repaired"


def test_a_file_without_a_table_fails_the_run(capsys: Output) -> None:
    Path("notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert run(["wiring", "import", STANFORD, "notes.csv"]) == 10
    assert "error[cabling-no-table] notes.csv" in capsys.readouterr().err


def test_a_workbook_with_empty_sheets_is_corrected_whole() -> None:
    (sheet,) = read_xlsx(exported("cvt-ethernet").read_bytes()).values()
    sheet[1][A_DEVICE] = sheet[1][A_DEVICE].upper()
    tables = [("notes", (), []), ("P2P", sheet[0], sheet[1:])]
    Path("p2p.xlsx").write_bytes(tables_xlsx(tables))
    assert run(["wiring", "import", STANFORD, "p2p.xlsx"]) == 0
    again = read_xlsx(Path("p2p.corrected.xlsx").read_bytes())
    assert list(again) == ["notes", "P2P"]
    assert again["P2P"][1][A_DEVICE] == sheet[1][A_DEVICE].lower()
    assert again["P2P"][2:] == sheet[2:]
