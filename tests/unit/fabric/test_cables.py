"""Cables against values computed by hand from the floor's geometry (racks 0.6 m, 1U = 44.45 mm).

Heights above the floor: 0.1 m plinth + U × 0.04445 m; a PDU's inlet panel at 1.0 m. Trays at 2.7 m,
0.5 m exit rise and 0.4 m inside the rack at both ends; slack 1.0 m, inside one rack 0.3 m.
"""

import base64
import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.fabric import identity
from colossus.fabric.cables import _choose
from colossus.fabric.identity import CROCKFORD, cable_id, identify
from colossus.fabric.model import Fabric
from tests.unit.fabric.sites import designed

STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# (2.7 - 0.14445) + (2.7 - 1.878) + 1.0 = 4.37755 up and down, + 0.8 in the racks, + along the tray
UP_AND_DOWN = 5.17755


def cable_at(fabric: Fabric, port: str) -> tuple[float, str, float]:
    """Route in metres, medium, and metres ordered, of the cable at a host's port."""
    row = fabric.port_index[port]
    link = int(np.flatnonzero(fabric.links.a == row)[0])
    cable = int(fabric.links.cable[link])
    route, order = fabric.cables.route_m[cable], fabric.cables.order_m[cable]
    return round(float(route), 2), fabric.medium(cable), float(order)


@pytest.mark.parametrize(
    ("port", "route", "medium", "order"),
    [
        # a01 U1 to the leaf in a01 U40: 39 × 0.04445 + 0.8; + 0.3 = 2.83
        ("gpu-0001:enp84s0", 2.53, "ACC", 3.0),
        # a01 U19 to U40: 21 × 0.04445 + 0.8; + 0.3 = 2.03, just too long for passive copper
        ("gpu-0004:enp148s0", 1.73, "ACC", 2.5),
        # a02 U1 to a01 U40: 4.37755 + 0.6 along + 0.8; + 1.0 = 6.78
        ("gpu-0005:enp84s0", 5.78, "MMF", 7.5),
        # a02 U19 to a01 U40: (2.7 - 0.94455) + 0.822 + 1.0 + 0.6 + 0.8; + 1.0 = 5.98
        ("gpu-0008:enp84s0", 4.98, "MMF", 7.5),
        # a01 U1 to the management switch in a01 U42: 41 × 0.04445 + 0.8
        ("gpu-0001:enp226s0", 2.62, "CAT6A", 3.0),
        # a02 U1 to a01 U42: 2.55555 + (2.7 - 1.9669) + 1.0 + 0.6 + 0.8; + 1.0 = 6.69
        ("gpu-0005:bmc", 5.69, "CAT6A", 7.5),
        # a PDU to U42 of its rack: 0.9669 + 0.8
        ("pdu-a01-a1:net", 1.77, "CAT6A", 3.0),
        # a PDU to the next rack: 1.7 + 0.7331 + 1.0 + 0.6 + 0.8
        ("pdu-a02-b1:net", 4.83, "CAT6A", 7.5),
        # the leaf's own management port: 2 × 0.04445 + 0.8
        ("leaf-01:eth0", 0.89, "CAT6A", 1.5),
    ],
)
def test_a_route_of_the_example(port: str, route: float, medium: str, order: float) -> None:
    assert cable_at(designed().fabric, port) == (route, medium, order)


@pytest.mark.parametrize(
    ("leaf_at", "host_at", "along"),
    [
        # the nearer row end is at position 1: 0.3 + 1.5 to it and back
        (1, 3, 1.8),
        # the nearer one is at the far end of 4 racks (2.4 m): 0.9 + 0.3
        (3, 4, 1.2),
        (4, 4, 0.6),
    ],
)
def test_a_cable_to_the_next_row_goes_around_the_nearer_end(
    leaf_at: int,
    host_at: int,
    along: float,
) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["halls"][0] |= {"rows": ["a", "b"], "racks_per_row": 4}
        group = document["racks"][0]
        group |= {"names": "a01", "first_position": leaf_at}
        rules = [{"role": "compute", "u": [1]}]
        other = {"names": "b01", "row": "b", "first_position": host_at, "devices": rules}
        document["racks"].append(group | other)

    route, _, _ = cable_at(designed(edit).fabric, "gpu-0005:enp84s0")
    assert route == pytest.approx(UP_AND_DOWN + along + 3.6, abs=0.006)


@pytest.mark.parametrize(
    ("metres", "base_t", "chosen"),
    [
        (0.4, False, ("DAC", 0.5)),
        (2.0, False, ("DAC", 2)),
        (2.01, False, ("ACC", 2.5)),
        (5.0, False, ("ACC", 5)),
        (5.01, False, ("MMF", 7.5)),
        (50.0, False, ("MMF", 50)),
        (50.01, False, ("SMF-DR", 75)),
        (100.0, False, ("SMF-DR", 100)),
        (100.01, False, ("SMF-FR", 150)),
        (2500.0, False, ("SMF-FR", 2000)),
        (0.4, True, ("CAT6A", 0.5)),
        (20.01, True, ("CAT6A", 25)),
        (120.0, True, ("CAT6A", 100)),
    ],
)
def test_the_medium_that_reaches(metres: float, base_t: bool, chosen: tuple[str, float]) -> None:  # noqa: FBT001 — a table row
    assert _choose(metres, base_t) == chosen


@pytest.mark.parametrize("host", range(8))
@pytest.mark.parametrize("rail", range(8))
def test_host_and_rail_decide_cage_and_half(host: int, rail: int) -> None:
    """Facts, Stanford NLP: cage 4h + r div 2 + 1, half r mod 2 + 1, both counted from 0."""
    fabric = designed().fabric
    rows = np.flatnonzero((fabric.links.fabric == 0) & (fabric.links.rail == rail))
    links = [fabric.link(int(row)) for row in rows]
    link = next(link for link in links if link.a.device == f"gpu-{host + 1:04d}")
    cage, half = 4 * host + rail // 2 + 1, rail % 2
    assert (link.z.device, link.z.port) == ("leaf-01", f"{cage}/{half + 1}")
    assert link.z.interface == f"swp{cage}s{half}"


def test_a_splitter_is_one_cable_with_two_legs() -> None:
    fabric = designed().fabric
    mine = np.flatnonzero(fabric.cables.fabric == 0)
    assert len(mine) == 32
    assert set(fabric.cables.legs[mine].tolist()) == {2}
    for cable in mine:
        legs = [fabric.link(int(row)) for row in np.flatnonzero(fabric.links.cable == cable)]
        assert {leg.z.port.split("/")[0] for leg in legs} == {legs[0].z.port.split("/")[0]}
        assert {leg.a.device for leg in legs} == {legs[0].a.device}
        assert sorted(leg.z.port[-1] for leg in legs) == ["1", "2"]


def test_all_other_cables_have_one_leg() -> None:
    fabric = designed().fabric
    assert set(fabric.cables.legs[fabric.cables.fabric == 1].tolist()) == {1}
    assert len(fabric.cables.ids) == 32 + 2 * 8 + 2 + 1 + 4


@given(st.text(min_size=1))
def test_an_id_is_forty_bits_of_the_hash_in_base_32(key: str) -> None:
    digest = hashlib.blake2b(key.encode(), digest_size=5).digest()
    letters = base64.b32encode(digest).decode().translate(str.maketrans(STANDARD, CROCKFORD))
    assert cable_id(key) == f"{letters[:4]}-{letters[4:]}"


def test_an_id_stays_what_it_is() -> None:
    """Labels are printed with these: another hash or key would make them all wrong."""
    fabric = designed().fabric
    first = fabric.link(int(fabric.port_index["gpu-0001:enp84s0"]) // 2)
    assert first.cable_id == cable_id("splitter|leaf-01:swp1")
    row = int(np.flatnonzero(fabric.links.a == fabric.port_index["ctl-01:eno1"])[0])
    assert fabric.link(row).cable_id == cable_id("ctl-01:eno1|oob-01:swp17")


IDS = ("0000-0000", "0000-0001", "0000-0002")


def colliding(key: str, salt: int = 0) -> int:
    """Hash to three values only."""
    return (len(key) + salt) % 3


class TestCollisions:
    """Two keys with one hash: the later one is salted, and the lock remembers it."""

    @pytest.fixture(autouse=True)
    def _few_ids(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(identity, "forty_bits", colliding)

    def test_they_get_different_ids_and_a_salt(self) -> None:
        assert identify(["b|c", "a|b", "c|d"], {}) == (
            (IDS[1], IDS[0], IDS[2]),
            {"b|c": 1, "c|d": 2},
        )

    def test_the_order_of_keys_does_not_matter(self) -> None:
        forward = identify(["a|b", "b|c", "c|d"], {})
        assert identify(["c|d", "b|c", "a|b"], {}) == (forward[0][::-1], forward[1])

    def test_an_installed_cable_keeps_its_id(self) -> None:
        """Without the lock the new key a|b would be first in the alphabet and take the id."""
        ids, salts = identify(["b|c", "a|b"], {}, settled={"b|c"})
        assert (ids, salts) == ((IDS[0], IDS[1]), {"a|b": 1})

    def test_a_salted_cable_keeps_its_id_when_the_other_goes(self) -> None:
        assert identify(["b|c"], {"b|c": 1}, settled={"b|c"}) == ((IDS[1],), {"b|c": 1})

    def test_the_salt_of_a_removed_cable_is_kept(self) -> None:
        assert identify(["a|b"], {"b|c": 1}) == ((IDS[0],), {"b|c": 1})


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("planned", "planned"),
        ("staged", "staged"),
        ("active", "active"),
        ("failed", "active"),
        ("offline", "active"),
        ("decommissioning", "active"),
    ],
)
def test_a_cable_is_as_far_as_its_less_advanced_end(status: str, expected: str) -> None:
    def edit(document: dict[str, Any]) -> None:
        override = {"devices": "gpu-0001", "status": status, "reason": "a test"}
        document["overrides"] = [override]

    fabric = designed(edit).fabric
    row = int(np.flatnonzero(fabric.links.a == fabric.port_index["gpu-0001:bmc"])[0])
    words = ("planned", "staged", "active", "failed", "offline", "decommissioning")
    assert words[fabric.cables.status[fabric.links.cable[row]]] == expected
