"""wiring export, sheets, verify and verify: what is printed, what is written, which status."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from colossus.cli.main import run
from colossus.errors import TransportFailed
from colossus.transport.base import Endpoint
from tests.cli.sites import MISSPELLED_ROLE, SAME_U_TWICE, small_site
from tests.unit.wiring.fabrics import example, planned

Output = pytest.CaptureFixture[str]
GROWN = str(Path(__file__).resolve().parents[1] / "fixtures" / "stanford-nlp-growth")
STANFORD = str(Path(__file__).resolve().parents[2] / "examples" / "stanford-nlp")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")


def exported(capsys: Output) -> list[dict[str, str]]:
    capsys.readouterr()
    assert run(["wiring", "export", STANFORD, "--format", "cables"]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def talking(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Leave out cords: nobody hears what is at their other end."""
    return [row for row in rows if row["medium"] != "CORD"]


def observation(rows: list[dict[str, str]], column: str) -> list[dict[str, str | None]]:
    """What both ends of every cable would report, by printed port or by interface."""
    seen: list[dict[str, str | None]] = []
    for row in rows:
        for near, far in (("a", "z"), ("z", "a")):
            seen.append(
                {
                    "device": row[f"{near}_device"],
                    "port": row[f"{near}_{column}"],
                    "neighbour": row[f"{far}_device"],
                    "neighbour_port": row[f"{far}_{column}"],
                }
            )
    return seen


def verify(tmp_path: Path, seen: list[dict[str, str | None]], *options: str) -> int:
    (tmp_path / "seen.json").write_text(json.dumps(seen), encoding="utf-8")
    return run(["wiring", "verify", STANFORD, "--observed", "seen.json", *options])


def test_export_prints_what_it_writes(tmp_path: Path, capsys: Output) -> None:
    rows = exported(capsys)
    assert len(rows) == 87 + 54
    assert len(talking(rows)) == 87
    assert run(["wiring", "export", STANFORD, "--out", "cables.csv"]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "wrote 141 rows, 109 cables, to cables.csv\n"
    text = (tmp_path / "cables.csv").read_text(encoding="utf-8")
    assert list(csv.DictReader(io.StringIO(text))) == rows
    assert [path.name for path in tmp_path.iterdir()] == ["cables.csv"]


@pytest.mark.parametrize("column", ["interface", "port"])
def test_the_exported_plan_verifies_against_itself(
    tmp_path: Path, capsys: Output, column: str
) -> None:
    rows = exported(capsys)
    assert verify(tmp_path, observation(talking(rows), column)) == 0
    assert capsys.readouterr().out == "87 of 87 links seen, what was seen is as planned\n"
    assert verify(tmp_path, observation(rows, column)) == 0
    assert capsys.readouterr().out == "141 of 141 links seen, what was seen is as planned\n"


def test_a_list_made_on_the_floor_finds_swapped_cords(tmp_path: Path, capsys: Output) -> None:
    rows = exported(capsys)
    first, second = (row for row in rows if row["a_device"] == "ctl-01" and row["medium"] == "CORD")
    for column in ("device", "port", "interface"):
        near, far = f"z_{column}", second[f"z_{column}"]
        first[near], second[near] = far, first[near]
    assert verify(tmp_path, observation(rows, "port"), "--format", "json") == 13
    (verdict,) = json.loads(capsys.readouterr().out)["verdicts"]
    assert verdict["kind"] == "swapped"
    assert set(verdict["cables"]) == {first["cable_id"], second["cable_id"]}


def test_a_swap_is_one_verdict_a_work_order_and_status_13(tmp_path: Path, capsys: Output) -> None:
    rows = talking(exported(capsys))
    first, second = (
        next(row for row in rows if (row["a_device"], row["a_interface"]) == end)
        for end in (("gpu-0001", "enp84s0"), ("gpu-0005", "enp84s0"))
    )
    one, other = first["cable_id"], second["cable_id"]
    first["a_device"], second["a_device"] = second["a_device"], first["a_device"]
    seen = observation(rows, "interface")
    assert verify(tmp_path, seen, "--format", "json") == 13
    document = json.loads(capsys.readouterr().out)
    assert (document["seen"], document["expected"], document["awaiting"]) == (87, 87, 0)
    (verdict,) = document["verdicts"]
    assert verdict["kind"] == "swapped"
    assert set(verdict["cables"]) == {one, other}
    assert verdict["racks"] == ["a01", "a02"]
    assert {(move["from"], move["to"]) for move in document["moves"]} == {
        ("gpu-0001:enp84s0", "gpu-0005:enp84s0"),
        ("gpu-0005:enp84s0", "gpu-0001:enp84s0"),
    }
    assert verify(tmp_path, seen) == 13
    output = capsys.readouterr()
    assert output.err == "error: not wired as planned: 1 fault\n"
    assert output.out == (
        f"  1. swapped: cables {other} and {one} are swapped: exchange the plugs at"
        " rack a01 U1 gpu-0001 enp84s0 and rack a02 U1 gpu-0005 enp84s0\n"
        "\n"
        "Work order; where plugs trade places, take all of them out first:\n"
        f" [ ]   1. cable {other} end a: rack a01 U1 gpu-0001 enp84s0"
        " → rack a02 U1 gpu-0005 enp84s0\n"
        f" [ ]   2. cable {one} end a: rack a02 U1 gpu-0005 enp84s0"
        " → rack a01 U1 gpu-0001 enp84s0\n"
        "\n"
        "87 of 87 links seen, 1 swapped\n"
    )


def test_a_partial_observation_says_what_was_not_seen(tmp_path: Path, capsys: Output) -> None:
    rows = talking(exported(capsys))
    seen = observation(rows[:1], "interface")
    seen.append({"device": "gpu-0001", "port": "1", "neighbour": None, "neighbour_port": None})
    assert verify(tmp_path, seen) == 0
    output = capsys.readouterr()
    assert output.out == "1 of 87 links seen, 86 not seen, what was seen is as planned\n"
    assert output.err == (
        "note: gpu-0001:1 may mean several ports, so it was not used; name the interface\n"
    )


def test_verify_is_the_same_as_wiring_verify(tmp_path: Path, capsys: Output) -> None:
    seen = observation(exported(capsys), "interface")
    assert verify(tmp_path, seen, "--format", "json") == 0
    first = capsys.readouterr().out
    assert run(["verify", STANFORD, "--observed", "seen.json", "--format", "json"]) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", STANFORD],
        ["verify", STANFORD, "--connect", "production"],
        ["verify", STANFORD, "--connect", "twin", "--observed", "seen.json"],
        ["wiring", "verify", STANFORD],
        ["wiring", "export", STANFORD, "--format", "poem"],
        ["wiring", "sheets", STANFORD],
        ["wiring", "sheets", STANFORD, "--out", "s", "--format", "scroll"],
        ["wiring", "sheets", STANFORD, "--out", "s", "--rack", "z99"],
        ["wiring", "sheets", STANFORD, "--out", "s", "--spares", "-1"],
    ],
)
def test_command_lines_that_make_no_sense(tmp_path: Path, arguments: list[str]) -> None:
    assert run(arguments) == 64
    assert list(tmp_path.iterdir()) == []


def test_a_faulty_observation_is_refused_with_its_place(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "seen.json").write_text('[\n{"device": "a", "port": 1}\n]', encoding="utf-8")
    assert run(["verify", STANFORD, "--observed", "seen.json"]) == 10
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("error[observation-format] seen.json:2: [0].neighbour: ")


def test_nothing_is_written_for_a_site_that_is_not_sound(tmp_path: Path) -> None:
    small_site(tmp_path / "faulty", SAME_U_TWICE)
    small_site(tmp_path / "unloadable", MISSPELLED_ROLE)
    assert run(["wiring", "sheets", "faulty", "--out", "sheets"]) == 11
    assert run(["wiring", "export", "faulty", "--out", "cables.csv"]) == 11
    assert run(["wiring", "sheets", "unloadable", "--out", "sheets"]) == 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faulty", "unloadable"]


def test_sheets_of_both_kinds_in_one_folder(tmp_path: Path, capsys: Output) -> None:
    for paper in ("html", "csv"):
        assert run(["wiring", "sheets", STANFORD, "--out", "sheets", "--format", paper]) == 0
    assert capsys.readouterr().out == "wrote 3 html files to sheets\nwrote 3 csv files to sheets\n"
    files = sorted(p.name for p in (tmp_path / "sheets").iterdir() if p.name[0] != ".")
    assert files == [
        "index.html",
        "pick-list.csv",
        "rack-a01.csv",
        "rack-a01.html",
        "rack-a02.csv",
        "rack-a02.html",
    ]


def test_one_rack_alone(tmp_path: Path) -> None:
    arguments = ["wiring", "sheets", STANFORD, "--out", "sheets", "--rack", "a02"]
    assert run(arguments) == 0
    files = [p.name for p in (tmp_path / "sheets").iterdir() if p.name[0] != "."]
    assert files == ["rack-a02.html"]


def test_books_replace_each_other_and_are_chosen_by_unit(tmp_path: Path, capsys: Output) -> None:
    superpod = str(Path(STANFORD).parent / "superpod-h100-2su")
    arguments = ["wiring", "sheets", superpod, "--out", "books", "--format"]
    assert run([*arguments, "pdf"]) == 0
    assert run([*arguments, "xlsx", "--unit", "2", "--paper", "letter"]) == 0
    assert capsys.readouterr().out == "wrote 3 pdf files to books\nwrote 1 xlsx files to books\n"
    files = sorted(p.name for p in (tmp_path / "books").iterdir() if p.name[0] != ".")
    assert files == ["hall-main.pdf", "unit-1.pdf", "unit-2.pdf", "unit-2.xlsx"]
    assert (tmp_path / "books" / "unit-1.pdf").read_bytes().startswith(b"%PDF-")


def test_sheets_of_one_place(tmp_path: Path) -> None:
    dojo = str(Path(STANFORD).parent / "dojo-8-exapod")
    place = ["--unit", "main-exapod-2", "--format", "csv"]
    assert run(["wiring", "sheets", dojo, "--out", "sheets", *place]) == 0
    files = sorted(p.name for p in (tmp_path / "sheets").glob("rack-*.csv"))
    assert files == [*(f"rack-c{number}.csv" for number in range(11, 21)), "rack-n2.csv"]


@pytest.mark.parametrize(
    "options",
    [
        ("--unit", "9"),
        ("--hall", "h9"),
    ],
)
def test_sheets_of_what_is_not_there_are_refused(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert run(["wiring", "sheets", STANFORD, "--out", "sheets", *options]) == 64
    assert list(tmp_path.iterdir()) == []


def test_since_the_same_folder_prints_nothing(tmp_path: Path, capsys: Output) -> None:
    arguments = ["--out", "sheets", "--format", "pdf", "--since", STANFORD]
    assert run(["wiring", "sheets", STANFORD, *arguments]) == 0
    assert capsys.readouterr().out == "wrote 0 pdf files to sheets\n"
    assert [p.name for p in (tmp_path / "sheets").iterdir() if p.name[0] != "."] == []


@pytest.mark.parametrize("paper", ["csv", "html"])
def test_since_prints_the_sheets_of_just_what_is_new(
    tmp_path: Path, capsys: Output, paper: str
) -> None:
    assert run(["wiring", "diff", STANFORD, GROWN, "--format", "json"]) == 0
    added = {task["cable_id"] for task in json.loads(capsys.readouterr().out)["tasks"]}
    options = ["--out", "sheets", "--format", paper, "--since", STANFORD]
    assert run(["wiring", "sheets", GROWN, *options]) == 0
    files = {path.name: path.read_text() for path in (tmp_path / "sheets").glob(f"rack-*.{paper}")}
    assert f"rack-a02.{paper}" not in files
    for name, text in files.items():
        told = set(re.findall(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", text))
        assert told, name
        assert told <= added
        assert "NEW" in text
    assert added == {cable for text in files.values() for cable in added if cable in text}


def swapped(rows: list[dict[str, str]]) -> list[dict[str, str | None]]:
    first, second = (
        next(row for row in rows if (row["a_device"], row["a_interface"]) == end)
        for end in (("gpu-0001", "enp84s0"), ("gpu-0005", "enp84s0"))
    )
    first["a_device"], second["a_device"] = second["a_device"], first["a_device"]
    return observation(rows, "interface")


@pytest.mark.parametrize(
    ("name", "begin"), [("fix.pdf", b"%PDF"), ("fix.html", b"<!DOC"), ("fix.csv", b"number,")]
)
def test_the_work_is_printed(tmp_path: Path, capsys: Output, name: str, begin: bytes) -> None:
    seen = swapped(talking(exported(capsys)))
    assert verify(tmp_path, seen, "--work-order", name, "--paper", "letter") == 13
    assert (tmp_path / name).read_bytes().startswith(begin)
    assert f"wrote {name}: 2 plugs to move in 2 racks\n" in capsys.readouterr().err


def test_no_work_is_not_printed(tmp_path: Path, capsys: Output) -> None:
    seen = observation(talking(exported(capsys)), "interface")
    assert verify(tmp_path, seen, "--work-order", "fix.pdf") == 0
    assert "nothing to do, so fix.pdf was not written" in capsys.readouterr().err
    assert not (tmp_path / "fix.pdf").exists()
    assert verify(tmp_path, seen, "--work-order", "fix.doc") == 64
    assert "its name ends in .pdf, .html, .csv" in capsys.readouterr().err.lower()


def test_nothing_observed_is_a_slip(capsys: Output) -> None:
    assert run(["wiring", "verify", STANFORD]) == 64
    assert "name files with --observed, or ask with --live" in capsys.readouterr().err


class Answers:
    """Every machine of the example, reached without a network; one is off."""

    name = ""

    def __init__(self, *_: object) -> None:
        self.seen = planned(example())

    def open(self, endpoint: Endpoint) -> "Answers":
        if endpoint.name == "gpu-0008":
            raise TransportFailed("gpu-0008 cannot be reached: timed out")
        login = Answers()
        login.name = endpoint.name
        return login

    def run(self, *_: object) -> Iterator[str]:
        entries = [
            {
                "name": port,
                "chassis": [{"name": [{"value": far[0]}]}],
                "port": [{"id": [{"type": "ifname", "value": far[1]}]}],
            }
            for (device, port), far in self.seen.items()
            if device == self.name and far and "bmc" not in {port, far[1]}
        ]
        yield json.dumps({"lldp": [{"interface": entries}]})

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("command", [("wiring", "verify"), ("verify",)])
def test_live_asks_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr("colossus.transport.ssh.SshTransport", Answers)
    site = copytree(STANFORD, tmp_path / "site")
    (tmp_path / "key").write_text("a key")
    (tmp_path / "key").chmod(0o600)
    text = (site / "cluster.yaml").read_text()
    text = text.replace("file:~/.ssh/id_ed25519", f"file:{tmp_path / 'key'}")
    (site / "cluster.yaml").write_text(text)
    assert run([*command, str(site), "--live"]) == 0
    output = capsys.readouterr()
    assert "gpu-0008 did not tell its neighbours: gpu-0008 cannot be reached" in output.err
    assert "links seen" in output.out
