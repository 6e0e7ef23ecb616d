"""Ports that run slower than they could, because the switches do."""

from typing import Any

import pytest

from colossus.checks.registry import run_checks
from colossus.fabric.design import Design, design
from colossus.inventory.site import Site
from colossus.load.site import load_site
from tests.unit.sites import ROOT


def in_band(speed: str | None) -> Design:
    """Design the published reference design, its in-band ports at this speed."""
    loaded = load_site(ROOT / "examples" / "superpod-h100-1su")
    document: dict[str, Any] = loaded.accepted().model_dump(mode="json")
    document["fabrics"]["frontend"]["ends"][0]["speed"] = speed
    return design(Site.model_validate(document), loaded.catalog)


def test_the_ports_run_at_the_speed_of_their_end() -> None:
    made = in_band("100G")
    fabric = made.fabric
    first = fabric.link(int((fabric.links.fabric == fabric.fabrics.index("frontend")).argmax()))
    assert (first.a.speed, first.z.speed) == ("100G", "100G")
    assert "speed-mismatch" not in {finding.code for finding in run_checks(made)}


@pytest.mark.parametrize(("speed", "runs_at"), [(None, "200G"), ("400G", "200G"), ("25G", "25G")])
def test_without_it_or_beyond_the_hardware_the_ends_do_not_meet(
    speed: str | None, runs_at: str
) -> None:
    (finding,) = [each for each in run_checks(in_band(speed)) if each.code == "speed-mismatch"]
    assert f"{runs_at} at dgx-001:enp170s0f1np1 meets 100G at fleaf-01:swp1" in finding.summary
