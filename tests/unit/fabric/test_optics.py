"""Optics and cables by part number: what fits each end, what one list lacks, a site's own list."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from colossus.checks.optics import optic_unfit
from colossus.fabric.design import design
from colossus.fabric.model import Fabric
from colossus.fabric.optics import NONE, Seat, bought
from colossus.load.site import load_site
from colossus.wiring.bill import bill
from colossus.wiring.rows import cable_rows
from tests.unit.sites import ROOT

EXAMPLE = "superpod-h100-1su"
LC = """
optics:
  - {part_number: OWN-LC, plug: OSFP, links: 2, speed: 400G, medium: MMF, reach_m: 50,
     fibre: LC/UPC, at: switch, provenance: assumed}
"""


def planned(folder: Path) -> Fabric:
    loaded = load_site(folder)
    return design(loaded.accepted(), loaded.catalog, loaded.lock, parts=loaded.parts).fabric


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return planned(ROOT / "examples" / EXAMPLE)


def numbers(fabric: Fabric, tier: str) -> set[tuple[str, str, str, str, str]]:
    """Medium, length, cable and both optics, of the compute links between two roles."""
    columns = cable_rows(fabric).columns
    names = ("medium", "length_order_m", "cable_pn", "optic_pn_a", "optic_pn_z")
    wanted = (*names, "a_device", "fabric")
    rows = zip(*(columns[name] for name in wanted), strict=True)
    return {tuple(row[:5]) for row in rows if row[5].startswith(tier) and row[6] == "compute"}


def test_a_host_with_two_ports_in_a_cage_gets_flat_topped_optics(fabric: Fabric) -> None:
    found = {row for row in numbers(fabric, "dgx") if row[0] == "MMF"}
    assert {row[3:] for row in found} == {("MMA4Z00-NS-FLT", "MMA4Z00-NS")}
    assert ("MMF", "15", "MFP7E10-N015", "MMA4Z00-NS-FLT", "MMA4Z00-NS") in found


def test_what_is_not_on_the_list_has_no_number(fabric: Fabric) -> None:
    """Fibre of 7.5 m is on no list."""
    assert {row[2] for row in numbers(fabric, "dgx") if row[1] == "7.5"} == {""}


def test_two_halves_of_cages_meet_by_fibre_only(fabric: Fabric) -> None:
    """Copper has a cage at both ends, and the other halves of these go elsewhere."""
    for tier in ("dgx", "leaf"):
        assert {row[0] for row in numbers(fabric, tier)} == {"MMF"}


def test_a_part_goes_where_its_protocol_runs() -> None:
    """QSFP28 copper of the list is Ethernet's; an InfiniBand seat takes optics of its own only."""
    oob = planned(ROOT / "examples" / "hopper-8k")
    mine = oob.links.fabric == oob.fabrics.index("oob")
    copper = mine & np.isin([oob.medium(int(cable)) for cable in oob.links.cable], ["DAC", "ACC"])
    assert set(bought(oob, oob.parts).cable[copper]) == {"MCP1600-C01AE30N", "MCP1600-C005E26L"}
    seat = Seat("QSFP28", "100G", "MMF", 20.0, at_switch=True, half=False, protocol="ethernet")
    optic = oob.parts.optics[seat.chosen(oob.parts)]
    assert optic.part_number == "MMA1B00-C100D"
    other = replace(seat, protocol="infiniband")
    assert other.chosen(oob.parts) == NONE
    assert not other.known(oob.parts)


def test_copper_has_no_optics(fabric: Fabric) -> None:
    chosen = bought(fabric, fabric.parts)
    glass = np.asarray([fabric.medium(int(cable)) == "MMF" for cable in fabric.links.cable])
    assert (chosen.optic_a[~glass] == NONE).all()
    compute = glass & (fabric.links.fabric == fabric.fabrics.index("compute"))
    assert (chosen.optic_a[compute] != NONE).all()
    assert (chosen.optic_z[compute] != NONE).all()


def test_the_bill_counts_optics_by_cage_and_number(fabric: Fabric) -> None:
    counted = {line.part_number: line.count for line in bill(fabric, 0.0) if line.item == "optic"}
    hosts = sum(name.startswith("dgx") for name in fabric.devices.names)
    assert counted["MMA4Z00-NS-FLT"] == 4 * hosts


def test_a_list_beside_the_site_comes_first_and_must_mate(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT / "examples" / EXAMPLE, site)
    (site / "parts.yaml").write_text(LC, encoding="utf-8")
    own = planned(site)
    assert own.parts.optics[0].part_number == "OWN-LC"
    finding, *others = optic_unfit(own)
    assert {other.where.path for other in others} == {"fabrics.storage"}
    assert finding.code == "optic-unfit"
    assert "takes MPO-12/APC and" in finding.summary
    assert "takes LC/UPC" in finding.summary


def test_a_faulty_list_is_told_with_its_line(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT / "examples" / EXAMPLE, site)
    (site / "parts.yaml").write_text("optics:\n  - {part_number: X, reach: 5}\n", encoding="utf-8")
    found = load_site(site).diagnostics
    assert found.failed
    assert {finding.where.file.rpartition("/")[2] for finding in found} == {"parts.yaml"}
    assert {finding.where.line for finding in found} == {2}


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"metres": 51.0}, False),
        ({"at_switch": False}, False),
        ({"half": False}, False),
    ],
)
def test_reach_place_and_halves_decide(
    fabric: Fabric,
    changes: dict[str, float],
    fits: bool,  # noqa: FBT001 — a table row
) -> None:
    values = {"plug": "OSFP", "speed": "400G", "medium": "MMF", "metres": 50.0} | changes
    place = {"at_switch": True, "half": True, "protocol": "ethernet"}
    seat = Seat(**(place | values))  # type: ignore[arg-type] # a table
    optic = next(one for one in fabric.parts.optics if one.part_number == "MMA4Z00-NS")
    assert seat.takes(optic) is fits
