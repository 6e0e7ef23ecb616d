"""Every fabric of an example can say why it is as it is, and where that stands."""

import pytest

from colossus.fabric.why_topology import why_topology
from tests.unit.sites import fabric_of

CASES = {
    ("dojo-exapod", "tile"): [
        ("a tray is 2 x 3 tiles, linked where they stand side by side", "mesh.rows"),
        ("10 cabinets in a row are one mesh at each level, of 2", "mesh.cabinets"),
        ("interface hosts serve the edges 0n, 2n, 3s, 5s of a tray in turn", "mesh.card_edges"),
    ],
    ("dojo-exapod", "oob"): [
        ("each device plugs into the oob-switch of its own rack", "by_rack"),
    ],
    ("dojo-exapod", "compute"): [],
    ("dojo-exapod", "nothing"): [],
    ("frontier", "compute"): [
        (
            "a group is 32 switches, each with a link to all others",
            "dragonfly.switches_per_group",
        ),
        (
            "a group takes 128 hosts, each cable of a host at a switch of its own",
            "dragonfly.hosts_per_group",
        ),
        ("any two groups have 4 links", "dragonfly.links_per_group_pair"),
    ],
    ("nvl72-rack", "nvlink"): [
        (
            "link l of every accelerator of a rack goes to chip l of its nvswitch",
            "switch_role",
        ),
        ("accelerator g of the rack has port g of every chip, without cables", "switch_ports"),
    ],
    ("nvl72-rack", "compute"): [("its ports leave the model", "topology")],
    ("nvl72-rack", "frontend"): [("one tier of front-switch takes all ends", "switch_role")],
}


@pytest.mark.parametrize(("example", "name"), CASES)
def test_why(example: str, name: str) -> None:
    reasons = why_topology(fabric_of(example=example), name)
    told = [(reason.what, reason.path.removeprefix(f"fabrics.{name}.")) for reason in reasons]
    assert told == CASES[example, name]
    assert all(reason.rule for reason in reasons)
