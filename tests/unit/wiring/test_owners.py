"""Before a host has an operating system: MAC tables and GUIDs joined with assets.csv."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from colossus.fabric.model import Fabric
from colossus.inventory.assets import Asset
from colossus.load.observed import load_observed
from colossus.wiring.observed import Sighting
from colossus.wiring.owners import Identified, identify, owners
from colossus.wiring.report import Report
from colossus.wiring.verdicts import compare
from tests.unit.wiring.fabrics import Port, Seen, connect, example, planned

SWITCHES = ("leaf-01", "oob-01")


def mac(number: int) -> str:
    return f"3c:ec:ef:00:{number >> 8:02x}:{number & 255:02x}"


def with_assets() -> tuple[Fabric, Mapping[Port, str]]:
    """The example with an address for every port of every host, its BMC's too."""
    fabric, macs = example(), dict[Port, str]()
    for port in sorted(planned(fabric)):
        if not port[0].startswith(("leaf", "oob", "pdu")):
            macs[port] = mac(len(macs) + 1)
    assets = []
    for row, name in enumerate(fabric.devices.names):
        own = {port[1]: address for port, address in macs.items() if port[0] == name}
        if own:
            assets.append(
                Asset(
                    rack=fabric.racks.names[fabric.devices.rack[row]],
                    u=int(fabric.devices.u[row]),
                    bmc_mac=own.pop("bmc", None),
                    macs=own,
                )
            )
    return replace(fabric, assets=tuple(assets)), macs


def tables(seen: Seen, macs: Mapping[Port, str], folder: Path) -> list[Path]:
    """Write what `bridge fdb show` prints on each switch."""
    paths: list[Path] = []
    for switch in SWITCHES:
        lines = [f"44:38:39:00:00:0{len(paths)} dev swp1 master br_default permanent"]
        for port, far in seen.items():
            if port[0] == switch and far and far in macs:
                lines.append(f"{macs[far]} dev {port[1]} vlan 10 master br_default")
            elif port[0] == switch and far and far[0] in SWITCHES:
                lines += [f"{mac(n)} dev {port[1]} vlan 10 master br_default" for n in range(1, 9)]
        paths.append(folder / f"{switch}.txt")
        paths[-1].write_text("\n".join(lines) + "\n")
    return paths


def judged(fabric: Fabric, paths: list[Path]) -> tuple[Report, Identified]:
    told = load_observed(paths, fabric.devices.names)
    identified = identify(fabric, told.sightings, told.heard)
    return compare(fabric, identified.sightings), identified


def test_every_address_has_an_owner() -> None:
    fabric, macs = with_assets()
    assert owners(fabric) == {address.replace(":", ""): port for port, address in macs.items()}


def test_mac_tables_of_a_sound_site(tmp_path: Path) -> None:
    fabric, macs = with_assets()
    report, identified = judged(fabric, tables(planned(fabric), macs, tmp_path))
    assert report.verdicts == ()
    assert report.seen == len(macs)
    assert [
        finding.summary.partition(" behind ")[2].partition(",")[0]
        for finding in identified.findings
    ] == ["eth0", "swp19"]
    assert {finding.code for finding in identified.findings} == {"observation-many-addresses"}


def test_two_plugs_exchanged_before_an_operating_system_exists(tmp_path: Path) -> None:
    fabric, macs = with_assets()
    seen = dict(planned(fabric))
    one, other = ("gpu-0001", "bmc"), ("gpu-0002", "bmc")
    ends = seen[one], seen[other]
    assert ends[0]
    assert ends[1]
    connect(seen, one, ends[1])
    connect(seen, other, ends[0])
    report, _ = judged(fabric, tables(seen, macs, tmp_path))
    assert report.counts == {"swapped": 1}
    assert set(report.verdicts[0].ports) == {
        *("gpu-0001:bmc", "gpu-0002:bmc"),
        *(":".join(end) for end in ends if end),
    }


def test_an_address_that_no_asset_has_is_a_stranger(tmp_path: Path) -> None:
    fabric, macs = with_assets()
    (path, _) = tables(planned(fabric), macs, tmp_path)
    text = path.read_text().replace(macs["gpu-0001", "enp84s0"], "3c:ec:ef:99:99:99")
    path.write_text(text)
    report, _ = judged(fabric, [path])
    assert report.counts == {"unknown_neighbour": 1}
    assert "3cecef999999" in report.verdicts[0].summary


def test_a_machine_seen_through_an_uplink_is_where_fewest_addresses_are(tmp_path: Path) -> None:
    fabric, macs = with_assets()
    path = tmp_path / "leaf-01.txt"
    own, far = macs["gpu-0001", "enp84s0"], macs["gpu-0002", "enp84s0"]
    path.write_text(f"{own} dev swp1s0\n{own} dev swp32\n{far} dev swp32\n{far} dev swp5s0\n")
    report, identified = judged(fabric, [path])
    assert (report.verdicts, report.seen) == ((), 2)
    assert "behind swp32" in identified.findings[0].summary


def test_of_two_equal_ports_the_planned_one_counts(tmp_path: Path) -> None:
    fabric, macs = with_assets()
    path = tmp_path / "leaf-01.txt"
    own = macs["gpu-0001", "enp84s0"]
    path.write_text(f"{own} dev swp31\n{own} dev swp1s0\n")
    assert judged(fabric, [path])[0].verdicts == ()
    path.write_text(f"{own} dev swp31\n{own} dev swp30\n")
    report, identified = judged(fabric, [path])
    assert (report.seen, report.verdicts) == (0, ())
    assert "behind swp[30-31]" in identified.findings[0].summary


def test_without_assets_nothing_is_guessed(tmp_path: Path) -> None:
    fabric = example()
    _, macs = with_assets()
    report, identified = judged(fabric, tables(planned(fabric), macs, tmp_path))
    assert (report.seen, report.verdicts) == (0, ())
    assert [finding.code for finding in identified.findings] == ["observation-no-assets"]


@pytest.mark.parametrize("name", ["", "gpu-0001.nlp.example"])
def test_an_adapter_that_tells_only_its_address_is_named(name: str) -> None:
    fabric, macs = with_assets()
    port = "gpu-0001", "enp84s0"
    address = macs[port].replace(":", "")
    leaf = planned(fabric)[port]
    assert leaf
    one = Sighting(*leaf, name or address, address, "", address)
    assert identify(fabric, [one]).sightings == [Sighting(*leaf, *port, "", address)]


def test_a_name_counts_more_than_an_address_of_another_host() -> None:
    fabric, macs = with_assets()
    address = macs["gpu-0002", "enp84s0"].replace(":", "")
    one = Sighting("leaf-01", "swp1s0", "gpu-0001", "enp84s0", "", address)
    assert identify(fabric, [one]).sightings == [one]
