"""Parts within parts: whatever is folded, every link and every device is still counted."""

import pytest

from colossus.fabric.model import Fabric
from colossus.fabric.parts import Kind, Part, parts_of
from tests.unit.sites import fabric_of

EXAMPLES = ("stanford-nlp", "superpod-h100-2su", "frontier", "dojo-exapod", "nvl72-rack", "eagle")


def tree(parts: tuple[Part, ...], times: int = 1) -> list[tuple[int, Part]]:
    """Every part with how often it occurs in the whole fabric."""
    found = []
    for part in parts:
        found.append((times * part.count, part))
        found += tree(part.inner, times * part.count)
    return found


def devices_of(fabric: Fabric, code: int) -> int:
    links = fabric.links
    mine = links.fabric == code
    ports = [*links.a[mine].tolist(), *links.z[mine].tolist()]
    return len({int(fabric.ports.device[port]) for port in ports})


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_link_and_device_is_counted_once(example: str) -> None:
    fabric = fabric_of(example=example)
    for code, name in enumerate(fabric.fabrics):
        found = tree(parts_of(fabric, code))
        links = sum(times * len(part.links) for times, part in found)
        assert links == int((fabric.links.fabric == code).sum()), name
        devices = sum(times * len(rows) for times, part in found for rows in part.devices.values())
        assert devices == devices_of(fabric, code), name


def test_a_rail_optimised_fabric_folds_into_units() -> None:
    fabric = fabric_of(example="superpod-h100-4su")
    (whole,) = parts_of(fabric, fabric.fabrics.index("compute"))
    assert whole.word == "fabric"
    assert {part.word for part in whole.inner} == {"unit"}
    assert sum(part.count for part in whole.inner) == 4
    assert all(len(part.devices[Kind("leaf", 0)]) == 8 for part in whole.inner)


def test_a_dragonfly_folds_into_equal_groups() -> None:
    fabric = fabric_of(example="frontier")
    (whole,) = parts_of(fabric, fabric.fabrics.index("compute"))
    (group,) = whole.inner
    assert (group.word, group.count) == ("group", 74)


def test_a_fabric_without_links_has_no_parts() -> None:
    fabric = fabric_of(example="nvl72-rack")
    bare = [code for code in range(len(fabric.fabrics)) if not (fabric.links.fabric == code).any()]
    assert [parts_of(fabric, code) for code in bare] == [()] * len(bare)
