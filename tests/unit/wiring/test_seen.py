"""Each format of an observation, from a saved file to what it says; nothing is dropped."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.errors import InventoryRefused
from colossus.load.observed import ObservationRefused, Observed, load_observed
from colossus.sheets.seen_table import read_seen_table
from colossus.wiring.observed import Heard, Sighting
from colossus.wiring.seen.formats import DOCUMENTS, read_document, read_text
from tests.unit.wiring.test_observed import ANYTHING

SAVED = Path(__file__).parent / "observed"
MAC, NIC, GUID = "b83fd2000001", "3cecef000001", "0000000000100004"
TWO = [
    Sighting("leaf-01", "ha0", "gpu-0001", "hb0"),
    Sighting("leaf-01", "ha1", "gpu-0001", "hb1"),
]
SAID: dict[str, list[Sighting | Heard]] = {
    "lldpcli-one.json": [*TWO[:1]],
    "lldpcli-two.json": [*TWO],
    "lldpcli-two.txt": [*TWO],
    "sonic-lldp-table.txt": [
        Sighting("leaf-01", "Ethernet0", "gpu-0001", "enp84s0", address=MAC),
        Sighting("leaf-01", "Ethernet4", "spine-01", "etp3", "Ethernet8"),
        Sighting("leaf-01", "Ethernet8", "spine-02", "Ethernet8"),
        Sighting("leaf-01", "eth0", "oob-01", "swp5"),
        Sighting("leaf-02", "Ethernet0", "gpu-0002", "enp84s0"),
    ],
    "sonic-state-db.json": [
        Sighting("leaf-01", "Ethernet0", "gpu-0001", "enp84s0", address=MAC),
        Heard("leaf-01", "Ethernet8", "525400000010"),
    ],
    "nvue-interface.json": [
        Sighting("leaf-01", "eth0", "oob-01", "swp5"),
        Sighting("leaf-01", "swp1s0", "gpu-0001", "enp84s0", address=MAC),
        Sighting("leaf-01", "swp1s1"),
    ],
    "nvue-interface.txt": [
        Sighting("leaf-01", "eth0", "oob-01", "swp5"),
        Sighting("leaf-01", "swp1s0", "gpu-0001", "b8:3f:d2:00:00:01", address=MAC),
        Sighting("leaf-01", "swp1s1"),
    ],
    "os10-detail.txt": [
        Sighting("oob-01", "ethernet1/1/3", "oob-02.example.com", "ethernet1/1/1", "Uplink"),
        Sighting("oob-01", "ethernet1/1/4", "3c:ec:ef:00:00:01", "NIC.Slot.1", address=NIC),
    ],
    "cumulus-fdb.txt": [
        Heard("leaf-01", "swp1", NIC),
        Heard("leaf-01", "swp2", "3cecef000002"),
        Heard("leaf-01", "swp48", "3cecef000003"),
        Heard("leaf-01", "swp48", "3cecef000004"),
    ],
    "cumulus-mac-table.txt": [Heard("oob-01", "swp1", NIC)],
    "sonic-mac.txt": [Heard("oob-01", "Ethernet8", NIC)],
    "os10-mac.txt": [
        Heard("oob-01", "ethernet1/1/3", NIC),
        Heard("oob-01", "ethernet1/1/4", "3cecef000002"),
    ],
    "ibnetdiscover.txt": [
        Sighting("spine-01", "P1", "leaf-01", "P3"),
        Sighting("leaf-01", "P1", "gpu-0001", "mlx5_0/P1", address="0000000000100001"),
        Sighting("leaf-01", "P2", GUID, GUID, address=GUID),
        Sighting("leaf-01", "P3", "spine-01", "P1"),
        Sighting("spine-01", "P2"),
        Sighting("leaf-01", "P4"),
    ],
    "topology.topo": [
        Sighting("leaf-01", "P1", "gpu-0001", "mlx5_0/P1"),
        Sighting("leaf-01", "P62", "spine-01", "P40"),
        Sighting("spine-01", "P40", "leaf-01", "P62"),
    ],
    "bridge-fdb.json": [Heard("leaf-01", "swp1", NIC)],
}


def loaded(path: Path, tmp_path: Path) -> Observed:
    """Load a copy that is named after a device."""
    copy = tmp_path / f"leaf-01{path.suffix}"
    copy.write_bytes(path.read_bytes())
    return load_observed([copy], ["leaf-01"], read_seen_table)


def refused(path: Path) -> list[str]:
    with pytest.raises(ObservationRefused) as caught:
        load_observed([path], (), read_seen_table)
    return [f"{one.where.line}: {one.summary}" for one in caught.value.findings]


@pytest.mark.parametrize("name", SAID)
def test_every_saved_form_says_what_it_says(name: str, tmp_path: Path) -> None:
    told = loaded(SAVED / name, tmp_path)
    assert [*told.sightings, *told.heard] == SAID[name]
    assert not list(told.findings)


def test_every_saved_form_is_known() -> None:
    others = {"cvt-report.json", "lldpcli-two-neighbours.json"}
    assert {path.name for path in SAVED.iterdir()} == SAID.keys() | others


def test_files_of_several_formats_in_one_run() -> None:
    names = ("sonic-lldp-table.txt", "os10-detail.txt", "ibnetdiscover.txt", "topology.topo")
    told = load_observed([SAVED / name for name in names], ["leaf-01"])
    assert told.sightings == [one for name in names for one in SAID[name]]


def test_a_file_that_does_not_say_whose_it_is(tmp_path: Path) -> None:
    path = tmp_path / "leaf-1.json"
    path.write_bytes((SAVED / "lldpcli-one.json").read_bytes())
    with pytest.raises(ObservationRefused) as caught:
        load_observed([path], ["leaf-01", "spine-02"])
    (finding,) = caught.value.findings
    assert finding.summary == "whose ports are these? The plan has no device leaf-1"
    assert "did you mean leaf-01?" in finding.hint


def test_a_director_is_told_and_its_boards_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    text = (SAVED / "ibnetdiscover.txt").read_text()
    path.write_text(text.replace("MF0;spine-01:MQM9700/U1", "MF0;core-01:CS8500/L01/U1"))
    told = load_observed([path])
    (finding,) = told.findings
    assert finding.summary.startswith("the links of director core-01 were not compared")
    assert told.sightings == [
        *(one for one in SAID["ibnetdiscover.txt"][1:3]),
        Sighting("leaf-01", "P4"),
    ]


def test_a_report_of_the_cable_validation_tool_is_told_and_not_believed() -> None:
    told = load_observed([SAVED / "cvt-report.json"])
    assert told.sightings == []
    (finding,) = told.findings
    assert finding.summary == (
        "issues[0].issues[0]: the Cable Validation Tool says of gpu-0003.example.com:"
        " Unreachable-device"
    )


def test_a_text_of_no_known_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "leaf-01.txt"
    path.write_text("something was pasted here\n")
    assert refused(path) == ["1: this is in no format that is read here"]
    saved = (SAVED / "sonic-lldp-table.txt").read_text()
    path.write_text(f"{saved}$ pasted\nadmin@leaf-03:~$ show version\nSONiC 202505\n")
    assert refused(path) == [
        "19: this line is in no table of neighbours",
        "21: the output of `show version` is in no format that is read here",
    ]


@pytest.mark.parametrize(
    ("name", "line", "text", "fault"),
    [
        ("ibnetdiscover.txt", 8, "[x]", "8: neither a switch, an adapter nor a link"),
        ("topology.topo", 2, "  P1 HCA", "2: neither a system nor a link"),
        ("sonic-mac.txt", 4, "   1", "4: a row needs an address and a port"),
        ("os10-mac.txt", 3, "1  2  3", "3: a row needs an address and a port"),
        ("cumulus-fdb.txt", 2, "dev swp3", "2: a row needs an address and a port"),
        (
            "lldpcli-two.txt",
            4,
            "Interface:    ha9, via: LLDP",
            "4: an interface needs its name, a chassis name and a port id",
        ),
        (
            "sonic-lldp-table.txt",
            5,
            "Ethernet1    gpu-0009",
            "5: a row needs port, device and port",
        ),
        (
            "sonic-lldp-table.txt",
            3,
            "Ethernet1    gpu-0009",
            "3: this line is in no table of neighbours",
        ),
    ],
)
def test_a_line_that_says_nothing_is_a_fault(
    name: str, line: int, text: str, fault: str, tmp_path: Path
) -> None:
    lines = (SAVED / name).read_text().splitlines()
    lines.insert(line - 1, text)
    path = tmp_path / "leaf-01.txt"
    path.write_text("\n".join(lines))
    assert refused(path) == [fault]


def test_a_table_of_cables_is_an_observation(tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    path.write_text(
        "A-Node Name,A-Port,Z-Node Name,Z-Port\n"
        "leaf-01,swp1s0,gpu-0001,rail0\nleaf-01,swp1s1,,\nleaf-01,,gpu-0001,rail1\n"
    )
    assert refused(path) == ["4: B4: device and port of both ends, or of one, are expected"]
    path.write_text("\n".join(path.read_text().splitlines()[:3]))
    assert load_observed([path], (), read_seen_table).sightings == [
        Sighting("leaf-01", "swp1s0", "gpu-0001", "rail0"),
        Sighting("leaf-01", "swp1s1"),
    ]


def test_a_workbook_without_cables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "found.xlsx"
    path.write_bytes(b"PK\x03\x04 and no more")
    assert load_failed(path)
    path.write_text("a,b\n1,2\n")
    assert refused(path) == ["1: this is in no format that is read here"]


def load_failed(path: Path) -> bool:
    try:
        load_observed([path], (), read_seen_table)
    except InventoryRefused:
        return True
    return False


def test_a_host_is_heard_by_name_where_its_adapter_speaks_too() -> None:
    text = (SAVED / "os10-detail.txt").read_text().replace("ethernet1/1/3", "ethernet1/1/4")
    parsed = read_text(text, "", "f").parsed
    assert [one.neighbour for one in parsed.sightings] == ["oob-02.example.com"]
    assert parsed.findings == []


@given(ANYTHING)
def test_no_document_breaks_a_parser(value: object) -> None:
    for form in DOCUMENTS:
        form.recognise(value)
        for wrapped in (value, [value], {"lldp": {"interface": value}}, {"swp1": {"lldp": value}}):
            parsed = form.parse(wrapped, "h", "f")
            assert all(0 < len(one.port) <= 255 for one in parsed.sightings)
    for key in ("LLDP_ENTRY_TABLE:Ethernet0", "FDB_TABLE:Vlan1:aa", "APPL_DB"):
        read_document({key: value}, "h", "f")


@given(st.text(), st.sampled_from([path for path in SAVED.iterdir() if path.suffix == ".txt"]))
def test_no_text_breaks_a_parser(text: str, path: Path) -> None:
    saved = path.read_text()
    for mixed in (text, saved + text, text + saved, saved[: len(saved) // 2] + text):
        parsed = read_text(mixed, "h", "f").parsed
        assert all(0 < len(one.port) <= 255 for one in parsed.sightings)
