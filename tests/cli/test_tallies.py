"""show fabric, power, cooling, bom: rows that add up to the summary."""

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from colossus.cli.main import run

Output = pytest.CaptureFixture[str]
USAGE = 64
PULLED = ("cable", "cord", "hose")
EXAMPLES = ("stanford-nlp", "superpod-h100-1su", "eagle")


def document(capsys: Output, *words: str) -> dict[str, list[dict[str, object]]]:
    assert run([*words, "--format", "json"]) == 0
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


def number(row: dict[str, object], key: str) -> int:
    value = row[key]
    assert isinstance(value, int)
    return value


@pytest.mark.parametrize("example", EXAMPLES)
def test_rows_add_up_to_the_summary(example: str, checkout: Path, capsys: Output) -> None:
    site = str(checkout / "examples" / example)
    assert run(["show", site, "summary", "--format", "json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    power = document(capsys, "show", site, "power")["power"]
    assert sum(number(row, "max_watts_all") for row in power) == summary["power"]["max_watts"]
    assert sum(number(row, "count") for row in power) == summary["racks"]["total"]
    cooling = document(capsys, "show", site, "cooling")["cooling"]
    air = sum(number(row, "air_watts") * number(row, "count") for row in cooling)
    assert air == pytest.approx(summary["cooling"]["air_watts"], abs=len(cooling))
    bom = document(capsys, "show", site, "bom")["bom"]
    cables = sum(number(row, "count") for row in bom if row["kind"] in PULLED)
    assert cables == sum(summary["cables"].values())
    fabrics = document(capsys, "show", site, "fabric")["fabrics"]
    for name, body in summary["fabrics"].items():
        tiers = {row["tier"]: row["switches"] for row in fabrics if row["fabric"] == name}
        assert tiers == body["tiers"]


@pytest.mark.parametrize("what", ["fabric", "power", "cooling", "bom"])
def test_tables_are_readable(what: str, checkout: Path, capsys: Output) -> None:
    assert run(["show", str(checkout / "examples" / "stanford-nlp"), what]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 2
    assert max(map(len, lines)) <= 140


@pytest.mark.parametrize("what", ["fabric", "racks"])
def test_fabric_and_racks_are_drawn(what: str, checkout: Path, capsys: Output) -> None:
    site = str(checkout / "examples" / "stanford-nlp")
    assert run(["show", site, what, "--format", "svg"]) == 0
    drawing = fromstring(capsys.readouterr().out)  # noqa: S314 — our own drawing
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert "leaf-01" in "".join(drawing.itertext())


def test_what_has_no_drawing_is_refused(checkout: Path, capsys: Output) -> None:
    site = str(checkout / "examples" / "stanford-nlp")
    assert run(["show", site, "bom", "--format", "svg"]) == USAGE
    assert "drawings there are of racks and fabric" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["power", "cooling"])
def test_figures_say_how_sure_they_are(what: str, checkout: Path, capsys: Output) -> None:
    """Equal racks say it of themselves, the end of the table of the whole site, as `check` does."""
    site = str(checkout / "examples" / "stanford-nlp")
    assert run(["check", site, "--format", "json"]) == 0
    wanted = json.loads(capsys.readouterr().out)["verdicts"][what]
    assert run(["show", site, what, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["verdicts"] == {what: wanted}
    assert {row["provenance"] for row in shown[what]} == {"assumed"}
    assert run(["show", site, what]) == 0
    told = capsys.readouterr().out.partition(f"\nleast sure facts, {wanted['provenance']}:\n")[2]
    assert len(wanted["facts"]) == sum(
        len(line.split(", ")) for line in told.replace("\n    ", " ").splitlines()
    )
