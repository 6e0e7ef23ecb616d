"""Work orders: each difference is a task, ports are free before others need them."""

from dataclasses import replace

import numpy as np

from colossus.fabric.model import Fabric
from colossus.wiring.changes import changes
from colossus.wiring.recabling import STEPS, tasks
from tests.unit.sites import fabric_of


def exchanged(fabric: Fabric, one: int, other: int) -> Fabric:
    """The z ends of two links trade places; both cables then have other ids."""
    z = fabric.links.z.copy()
    z[one], z[other] = z[other], z[one]
    ids = list(fabric.cables.ids)
    for number, link in enumerate((one, other)):
        ids[fabric.links.cable[link]] = f"XXXX-XXX{number}"
    return replace(
        fabric,
        links=replace(fabric.links, z=z),
        cables=replace(fabric.cables, ids=tuple(ids)),
    )


def oob_links(fabric: Fabric) -> list[int]:
    code = fabric.fabrics.index("oob")
    return [int(row) for row in np.flatnonzero(fabric.links.fabric == code)]


def test_two_ends_that_trade_places_are_two_moves() -> None:
    old = fabric_of()
    one, other = oob_links(old)[:2]
    order = tasks(changes(old, exchanged(old, one, other)))
    assert [task.step for task in order] == ["move", "move"]
    assert {task.cable_id for task in order} == {"XXXX-XXX0", "XXXX-XXX1"}


def test_a_port_is_freed_before_another_cable_needs_it() -> None:
    old = fabric_of()
    one, other = oob_links(old)[:2]
    new = exchanged(old, one, other)
    order_m = new.cables.order_m.copy()
    order_m[new.links.cable[[one, other]]] = 30
    order = tasks(changes(old, replace(new, cables=replace(new.cables, order_m=order_m))))
    assert [task.step for task in order] == ["free", "free", "add", "add"]


def test_steps_come_in_their_order() -> None:
    old = fabric_of()
    order_m = old.cables.order_m.copy()
    order_m[3] += 1
    u = old.devices.u.copy()
    u[old.device_index["gpu-0004"]] += 1
    new = replace(
        old,
        cables=replace(old.cables, order_m=order_m),
        devices=replace(old.devices, u=u),
    )
    difference = changes(old, new)
    order = tasks(difference)
    steps = [list(STEPS).index(task.step) for task in order]
    assert steps == sorted(steps)
    touched = sum(count for what, count in difference.counts.items() if what != "unchanged")
    assert len(order) == touched
    (replaced,) = [task for task in order if task.step == "replace"]
    assert "; was " in replaced.to


def splitters(fabric: Fabric) -> list[list[int]]:
    """The links of each splitter, a list per cable."""
    legs: dict[int, list[int]] = {}
    for link, cable in enumerate(fabric.links.cable.tolist()):
        legs.setdefault(cable, []).append(link)
    return [links for links in legs.values() if len(links) > 1]


def test_a_splitters_plug_that_goes_to_another_cage_is_one_move() -> None:
    old = fabric_of()
    one, other = splitters(old)[:2]
    new = exchanged(exchanged(old, one[0], other[0]), one[1], other[1])
    difference = changes(old, new)
    assert difference.counts | {"unchanged": 0} == {
        **dict.fromkeys(difference.counts, 0),
        "moved": 2,
    }
    order = tasks(difference)
    assert {move.end for move in difference.moved} == {"z"}
    far = [" + ".join(_switch_place(old, link) for link in links) for links in (other, one)]
    assert [task.to.partition(";")[0] for task in order] == far


def _switch_place(fabric: Fabric, link: int) -> str:
    port = fabric.link(link).z
    return f"rack a01 U40 {port.device} {port.interface}"


def test_a_leg_that_goes_to_another_port_is_one_move_of_that_leg() -> None:
    old = fabric_of()
    one, other = splitters(old)[:2]
    a = old.links.a.copy()
    a[one[0]], a[other[0]] = a[other[0]], a[one[0]]
    ids = list(old.cables.ids)
    for number, links in enumerate((one, other)):
        ids[old.links.cable[links[0]]] = f"XXXX-XXX{number}"
    new = replace(old, links=replace(old.links, a=a), cables=replace(old.cables, ids=tuple(ids)))
    difference = changes(old, new)
    assert [move.end for move in difference.moved] == ["a", "a"]
    order = tasks(difference)
    assert [task.step for task in order] == ["move", "move"]
    # Only the leg that moves is named, not its sister that stays.
    assert not any("+" in task.origin + task.to for task in order)
