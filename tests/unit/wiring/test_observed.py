"""Observations from others: checked field by field, faults with their place, nothing trusted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.load.observed import ObservationRefused, load_observed
from colossus.wiring.observed import Sighting, parse_neutral
from colossus.wiring.seen.lldpd import parse_lldpd

RECORDED = Path(__file__).parent / "observed" / "lldpcli-two-neighbours.json"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def faults(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ObservationRefused) as refused:
        load_observed([path])
    assert refused.value.exit_status == 10
    return [f"{one.where.line} {one.where.path} {one.summary}" for one in refused.value.findings]


def test_the_neutral_form() -> None:
    value = [
        {"device": "a", "port": "swp1", "neighbour": "b", "neighbour_port": "1/2"},
        {"device": "a", "port": "swp2", "neighbour": None, "neighbour_port": None},
        {"device": "a", "port": "swp3", "neighbour": None, "remark": "additions are welcome"},
    ]
    parsed = parse_neutral(value, "seen.json")
    assert parsed.findings == []
    assert parsed.sightings == [
        Sighting("a", "swp1", "b", "1/2"),
        Sighting("a", "swp2"),
        Sighting("a", "swp3"),
    ]


def test_every_fault_of_a_file_is_reported_with_its_line(tmp_path: Path) -> None:
    text = """[
  {"device": "a", "port": "1", "neighbour": null},
  {"device": "a", "port": "", "neighbour": null},
  {"device": "a",
   "port": "2"},
  17,
  {"device": "a", "port": "3", "neighbour": "b", "neighbour_port": 4},
  {"device": "a\\u0007", "port": "5", "neighbour": null}
]"""
    assert faults(tmp_path / "seen.json", text) == [
        "3 [1].port [1].port: port must be a printable name of 1 to 255 characters",
        "4 [2].neighbour [2].neighbour: neighbour is missing; null says that the port has no link",
        "6 [3] [3]: an object with device, port, neighbour and neighbour_port is expected",
        "7 [4].neighbour_port [4].neighbour_port: neighbour_port must be a printable name of 1 to"
        " 255 characters",
        "8 [5].device [5].device: device must be a printable name of 1 to 255 characters",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1  not JSON: Expecting value"),
        ("[\n{]", "2  not JSON: Expecting property name enclosed in double quotes"),
        ("{}", "0  the file: a list of ports is expected here"),
        ("[" * 100_000, "0  not usable as JSON: maximum recursion depth exceeded"),
        ('"seen"', "0  the file: a list of ports is expected here"),
    ],
)
def test_what_is_no_observation_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    (found,) = faults(tmp_path / "seen.json", text)
    assert found.startswith(fault)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ObservationRefused) as refused:
        load_observed([tmp_path / "binary.json", tmp_path / "none.json", tmp_path])
    assert sorted(one.summary for one in refused.value.findings) == [
        "the file cannot be read: is a directory",
        "the file cannot be read: no such file or directory",
        "the file is neither a workbook nor UTF-8 text",
    ]


def test_lldpcli_as_recorded(tmp_path: Path) -> None:
    """Recorded from lldpd 1.0.16; the file's name says whose it is."""
    path = tmp_path / "wa.json"
    path.write_bytes(RECORDED.read_bytes())
    sightings, findings, _ = load_observed([path])
    assert sightings == [Sighting("wa", "eth0", "wb", "eth0"), Sighting("wa", "eth1", "wc", "eth0")]
    assert len(findings) == 0


def neighbour(name: str, age: str, chassis: str, port: dict[str, object]) -> dict[str, object]:
    return {"name": name, "age": age, "chassis": [{"name": [{"value": chassis}]}], "port": [port]}


def ifname(value: str) -> dict[str, object]:
    return {"id": [{"type": "ifname", "value": value}]}


def test_after_a_plug_moved_the_younger_neighbour_is_the_one_that_is_there() -> None:
    interfaces = [
        neighbour("eth0", "0 day, 00:00:03", "former", ifname("swp1")),
        neighbour("eth0", "0 day, 00:00:00", "present", ifname("swp2")),
        neighbour("eth1", "1 day, 00:00:00", "steady", ifname("swp3")),
    ]
    parsed = parse_lldpd({"lldp": [{"interface": interfaces}]}, "h", "h.json")
    assert parsed.sightings == [
        Sighting("h", "eth0", "present", "swp2"),
        Sighting("h", "eth1", "steady", "swp3"),
    ]
    assert [finding.code for finding in parsed.findings] == ["observation-several-neighbours"]


@pytest.mark.parametrize(
    ("port", "wanted"),
    [
        ({"id": [{"type": "ifname", "value": "swp1"}], "descr": [{"value": "to h"}]}, "swp1"),
        ({"id": [{"type": "mac", "value": "0:1:2"}], "descr": [{"value": "swp1"}]}, "swp1"),
        ({"id": [{"type": "local", "value": "17"}]}, "17"),
    ],
)
def test_a_port_is_named_as_people_name_it(port: dict[str, object], wanted: str) -> None:
    value = {"lldp": [{"interface": [neighbour("eth0", "", "s", port)]}]}
    (one,) = parse_lldpd(value, "h", "h.json").sightings
    assert one[:4] == ("h", "eth0", "s", wanted)


def test_nobody_heard_is_nothing_seen() -> None:
    assert parse_lldpd({"lldp": [{}]}, "h", "h.json") == ([], [], ())


@given(ANYTHING)
def test_no_value_breaks_the_parsers(value: object) -> None:
    for parsed in (
        parse_neutral(value, "f"),
        parse_neutral([value], "f"),
        parse_lldpd(value, "h", "f"),
        parse_lldpd({"lldp": [value]}, "h", "f"),
        parse_lldpd({"lldp": [{"interface": [value]}]}, "h", "f"),
        parse_lldpd({"lldp": [{"interface": [{"name": "e", "port": value}]}]}, "h", "f"),
    ):
        assert all(0 < len(one.port) <= 255 for one in parsed.sightings)
