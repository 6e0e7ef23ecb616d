"""Optics and cables by part number: what fits each end, what one list lacks, a site's own list."""

import shutil
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
    """Fibre of 7.5 m is on no list; copper of two links is no splitter."""
    assert {row[2] for row in numbers(fabric, "dgx") if row[1] == "7.5"} == {""}
    assert {row[2:] for row in numbers(fabric, "leaf") if row[0] == "DAC"} == {("", "", "")}


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
    seat = Seat(**({"at_switch": True, "half": True} | values))  # type: ignore[arg-type] # a table
    optic = next(one for one in fabric.parts.optics if one.part_number == "MMA4Z00-NS")
    assert seat.takes(optic) is fits
