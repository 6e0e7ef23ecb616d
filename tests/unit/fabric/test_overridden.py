"""Cables plugged otherwise than the rules say: ends move, ports come and go, all else stays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from colossus.fabric.model import Fabric
from colossus.fabric.why import why
from tests.unit.fabric.sites import addressing, cabling, designed

Pairs = list[tuple[str, str]]


def plugged(*pairs: tuple[str, str]) -> Callable[[dict[str, Any]], None]:
    def edit(document: dict[str, Any]) -> None:
        document["cable_overrides"] = [
            {"port": port, "meets": meets, "reason": "as found"} for port, meets in pairs
        ]

    return edit


def ports(fabric: Fabric) -> set[str]:
    return {str(fabric.port(row)) for row in range(len(fabric.ports.device))}


def test_a_swap_exchanges_two_ends_and_nothing_else() -> None:
    before = designed().fabric
    old = cabling(before)
    one, other = "gpu-0001:enp12s0", "gpu-0002:enp12s0"
    far = {port: old[f"compute {port}"][0] for port in (one, other)}
    made = designed(plugged((one, far[other]), (other, far[one])))
    assert made.findings == ()
    new = cabling(made.fabric)
    assert new[f"compute {one}"][0] == far[other]
    assert new[f"compute {other}"][0] == far[one]
    assert {key for key in new if new[key] != old.get(key)} == {
        f"compute {one}",
        f"compute {other}",
    }
    assert ports(made.fabric) == ports(before)
    assert addressing(made.fabric).keys() == addressing(before).keys()


@pytest.mark.parametrize("meets", ["oob-01:48", "oob-01:swp48"])
def test_a_free_port_is_taken_and_the_other_one_left(meets: str) -> None:
    before, made = designed().fabric, designed(plugged(("ctl-01:bmc", meets)))
    assert made.findings == ()
    left = cabling(before)["oob ctl-01:bmc"][0]
    assert cabling(made.fabric)["oob ctl-01:bmc"][0] == "oob-01:swp48"
    assert ports(before) - ports(made.fabric) == {left}
    assert ports(made.fabric) - ports(before) == {"oob-01:swp48"}


def test_the_switch_may_be_the_end_that_stays() -> None:
    """Then the link has another host at it, at whose port a cable was already."""
    before = cabling(designed().fabric)
    port = before["oob ctl-01:bmc"][0]
    made = designed(plugged((port, "gpu-0001:bmc"))).fabric
    ends = [str(made.link(row).a) for row in range(len(made.links.a)) if _far(made, row) == port]
    assert ends == ["gpu-0001:bmc"]
    assert "ctl-01:bmc" not in ports(made)
    rows = made.ports.device.astype(np.int64) << 16 | made.ports.group << 8 | made.ports.cage
    doubled = np.flatnonzero(
        np.unique(rows << 8 | (made.ports.lane + 1), return_counts=True)[1] > 1
    )
    assert len(doubled) == 1


def _far(fabric: Fabric, row: int) -> str:
    return str(fabric.link(row).z)


def test_why_names_the_override() -> None:
    made = designed(plugged(("ctl-01:bmc", "oob-01:swp48"))).fabric
    reasons = why(made, "ctl-01:bmc")
    assert ("an override says so: as found", "cable_overrides[0]") in [
        (reason.rule, reason.path) for reason in reasons
    ]
