"""Power cords and coolant hoses: as many as supplies, an outlet each, both feeds, nothing moves."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.fabric import identity
from colossus.fabric.model import Fabric
from colossus.fabric.supply import FEEDS
from colossus.fabric.tables import MEDIA, TIERS
from colossus.fabric.whole import whole
from colossus.inventory.locks import Lock
from colossus.inventory.sockets import INLETS, OUTLETS, TAPPED, hoses_of, plugged, sockets_of
from tests.unit.fabric.sites import cabling, decisions, designed
from tests.unit.fabric.test_growth import PLANS, Plan, holding, through_yaml
from tests.unit.sites import fabric_of

SYSTEMS = ("stanford-nlp", "superpod-h100-1su", "nvl72-rack", "dojo-exapod", "hopper-8k")


@pytest.fixture(scope="module", params=SYSTEMS)
def fabric(request: pytest.FixtureRequest) -> Fabric:
    return fabric_of(example=request.param)


def test_every_supply_that_can_be_plugged_has_one_cord(fabric: Fabric) -> None:
    cords = fabric.supply.cords
    counted = Counter(zip(cords.device.tolist(), cords.inlet.tolist(), strict=True))
    wanted = {
        (row, inlet)
        for row in range(len(fabric.devices.names))
        if (supplies := plugged(fabric.equipment(row)))
        for inlet in range(supplies.count)
    }
    assert set(counted) == wanted
    assert set(counted.values()) <= {1}
    assert (cords.source >= 0).all()


def test_an_outlet_serves_one_cord_that_fits_it(fabric: Fabric) -> None:
    cords, count = fabric.supply.cords, len(fabric.devices.names)
    pairs = list(zip(cords.source.tolist(), cords.outlet.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    for (source, outlet), plug in zip(pairs, cords.plug.tolist(), strict=True):
        if source >= count:
            assert INLETS[plug] == TAPPED
            continue
        rows = sockets_of(fabric.equipment(source))
        (row,) = [r for r in rows if r.first_cage <= outlet < r.first_cage + r.count]
        assert row.connector == OUTLETS[plug]


def test_no_feed_has_more_than_half_of_a_device_with_an_even_number(fabric: Fabric) -> None:
    cords = fabric.supply.cords
    counted = Counter(zip(cords.device.tolist(), cords.feed.tolist(), strict=True))
    for device in set(cords.device.tolist()):
        of_feed = [counted[device, feed] for feed in range(len(FEEDS))]
        assert max(of_feed) - min(of_feed) == sum(of_feed) % 2


def test_a_cord_goes_to_a_pdu_of_its_feed_in_its_rack(fabric: Fabric) -> None:
    cords, devices = fabric.supply.cords, fabric.devices
    here = cords.source < len(devices.names)
    source = cords.source[here]
    assert (devices.rack[source] == cords.rack[here]).all()
    assert (devices.rack[cords.device] == cords.rack).all()
    letters = [devices.names[pdu].rpartition("-")[2][0].upper() for pdu in source.tolist()]
    assert letters == [FEEDS[feed] for feed in cords.feed[here].tolist()]


def test_pdus_of_a_feed_share_its_cords(fabric: Fabric) -> None:
    cords = fabric.supply.cords
    counted = Counter(zip(cords.source.tolist(), cords.plug.tolist(), strict=True))
    for (source, plug), count in counted.items():
        alike = (cords.rack == cords.rack[cords.source == source][0]) & (cords.plug == plug)
        alike &= cords.feed == cords.feed[cords.source == source][0]
        sources = np.unique(cords.source[alike])
        assert abs(count - np.count_nonzero(alike) / len(sources)) < 1


def test_every_cooled_device_has_its_hoses_in_pairs(fabric: Fabric) -> None:
    hoses = fabric.supply.hoses
    counted = Counter(hoses.device.tolist())
    wanted = {
        row: count
        for row in range(len(fabric.devices.names))
        if (count := hoses_of(fabric.equipment(row)))
    }
    assert counted == wanted
    assert (hoses.end % 2 == hoses.coupling % 2).all()
    pairs = list(zip(hoses.source.tolist(), hoses.coupling.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)


def test_the_whole_cabling_leaves_the_links_that_talk_as_they_are(fabric: Fabric) -> None:
    full = whole(fabric, {}).fabric
    count = len(fabric.links.a)
    assert full.cables.ids[: len(fabric.cables.ids)] == fabric.cables.ids
    for column in fabric.links.__slots__:
        assert np.array_equal(getattr(full.links, column)[:count], getattr(fabric.links, column))
    media = np.bincount(full.cables.medium, minlength=len(MEDIA))
    assert media[MEDIA.index("CORD")] == len(fabric.supply.cords.device)
    assert media[MEDIA.index("HOSE")] == len(fabric.supply.hoses.device)
    assert len(set(full.cables.ids)) == len(full.cables.ids)
    for row in range(count, len(full.links.a)):
        link = full.link(row)
        assert link.tier == {"power": "feed", "coolant": "loop"}[link.fabric]
        assert full.port_index[str(link.a)] == full.links.a[row]
        assert full.port_index[str(link.z)] == full.links.z[row]
    assert TIERS.index("feed") not in fabric.links.tier


@settings(max_examples=15)
@given(st.lists(PLANS, min_size=2, max_size=4))
def test_no_cord_moves_when_racks_and_hosts_come_and_go(plans: list[Plan]) -> None:
    lock: Lock | None = None
    ever = dict[object, object]()
    for plan in plans:
        result = designed(holding(plan), lock)
        now = decisions(result.whole)
        assert {key: now[key] for key in ever.keys() & now.keys()} == {
            key: ever[key] for key in ever.keys() & now.keys()
        }
        ever.update(now)
        lock = through_yaml(result.lock)
        assert designed(holding(plan), lock).lock == result.lock


def cords_of(result: Any) -> dict[str, tuple[str, str]]:  # noqa: ANN401 — a Design
    return {end: far for end, far in cabling(result.whole).items() if end.startswith("power ")}


def beside_the_first(document: dict[str, Any]) -> None:
    """Add a server in the middle of the first rack."""
    document["racks"][0]["devices"].append({"role": "slurm-controller", "u": [26], "only": "a01"})


def test_a_device_in_the_middle_of_a_rack_takes_the_next_outlets() -> None:
    first = designed()
    free, locked = designed(beside_the_first), designed(beside_the_first, first.lock)
    before, after = cords_of(first), cords_of(locked)
    assert before.items() <= after.items()
    assert not before.items() <= cords_of(free).items()
    assert after["power ctl-02:psu-1"][0] == "pdu-a01-a1:outlet-22"


def test_what_is_taken_out_keeps_its_outlets_for_the_day_it_returns() -> None:
    def without(document: dict[str, Any]) -> None:
        document["racks"][0]["devices"][0]["u"] = [1, 13, 19]

    first = designed()
    smaller = designed(without, first.lock)
    assert cords_of(smaller).items() <= cords_of(first).items()
    assert cords_of(designed(lock=through_yaml(smaller.lock))) == cords_of(first)


def test_an_override_moves_one_cord() -> None:
    def edit(document: dict[str, Any]) -> None:
        moved = {"port": "gpu-0001:psu-1", "meets": "pdu-a01-b1:outlet-15", "reason": "31 is dead"}
        document["cable_overrides"] = [moved]

    before, after = cords_of(designed()), cords_of(designed(edit))
    assert before.keys() == after.keys()
    assert {end for end in before if before[end] != after[end]} == {"power gpu-0001:psu-1"}
    assert after["power gpu-0001:psu-1"][0] == "pdu-a01-b1:outlet-15"
    cords = designed(edit).fabric.supply.cords
    assert (int(cords.feed[0]), int(cords.phase[0])) == (1, 14 % 3)


def test_outlets_cycle_the_phases_from_the_bottom() -> None:
    cords = fabric_of().supply.cords
    assert cords.phase.tolist() == ((cords.outlet - 1) % 3).tolist()


def test_a_cord_whose_id_is_taken_gets_a_salt(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = identity.forty_bits

    def clashing(key: str, salt: int = 0) -> int:
        return hashed("ctl-01:eno1|oob-01:swp17") if "psu-1|" in key and not salt else hashed(key)

    monkeypatch.setattr(identity, "forty_bits", clashing)
    result = designed()
    ids = result.whole.cables.ids
    assert len(set(ids)) == len(ids)
    assert ids[: len(result.fabric.cables.ids)] == result.fabric.cables.ids
    assert all("psu-1|" in key for key in result.lock.salted)
    assert len(result.lock.salted) == len([key for key in cords_of(result) if "psu-1" in key])
    assert designed(lock=result.lock).whole.cables.ids == ids
