"""Why a Clos fabric has the shape it has: each number, and whether it was pinned or follows."""

from collections.abc import Callable, Iterator, Mapping

from colossus.diagnostics import counted
from colossus.fabric.model import Fabric
from colossus.fabric.shape import numbers_of
from colossus.fabric.why import Reason
from colossus.inventory.fabrics import Clos

KEPT_FREE = "hosts skip the place of such a port; for a trunk's, the last free one stands in"
HALF_UP = "half of its ports go up, so that nothing blocks, or fewer by the declared ratio"
Decisions = Mapping[str, int | str]
Decide = Callable[[str, str, str], Reason]


def why_shape(fabric: Fabric, name: str, decided: Decisions) -> list[Reason]:
    """Explain the shape of a fabric by name, from what the design decided; empty if no Clos."""
    intent = fabric.site.fabrics.get(name)
    if intent is None or intent.clos is None or "leaf_uplinks" not in decided:
        return []
    numbers = numbers_of(decided)
    found = list(_reasons(f"fabrics.{name}.clos", intent.clos, intent.planes, numbers))
    if reserved := decided.get("reserved"):
        what = f"{counted(len(str(reserved).split()), 'reserved port')}: {reserved}"
        found.append(Reason(what, KEPT_FREE, f"fabrics.{name}.reserved"))
    return found


def _reasons(path: str, clos: Clos, planes: int, of: Mapping[str, int]) -> Iterator[Reason]:
    def decided(pin: str, what: str, rule: str) -> Reason:
        if getattr(clos.pins, pin) is not None:
            return Reason(what, "it is pinned", f"{path}.pins.{pin}")
        return Reason(what, rule, f"{path}.tiers")

    each = " of each plane" if planes > 1 else ""
    yield Reason(
        f"a unit is {counted(of['hosts_per_unit'], 'host')} under"
        + (f" {of['leaves_per_unit']} leaves" if clos.rail_optimised else " one leaf"),
        "each port of a host goes to a leaf of its own"
        if clos.rail_optimised
        else "one leaf takes all ports of its hosts",
        f"{path}.hosts_per_unit",
    )
    yield decided(
        "leaf_uplinks",
        f"a leaf has {counted(of['leaf_uplinks'], 'uplink')}",
        HALF_UP,
    )
    if of["units_per_pod"]:
        yield decided(
            "units_per_pod",
            f"a pod is {counted(of['units_per_pod'], 'unit')}",
            "a spine has ports downwards for no more, or there are no more",
        )
    yield decided(
        "spines_per_pod",
        f"a pod has {counted(of['spines_per_pod'], 'spine')}{each}, with"
        f" {_links(of, 'leaf_uplinks', 'spines_per_pod')} from each leaf",
        "fewer would not divide a leaf's uplinks evenly, or lack the ports",
    )
    if of["cores_per_group"]:
        yield from _cores(decided, each, of)


def _cores(decided: Decide, each: str, of: Mapping[str, int]) -> Iterator[Reason]:
    yield decided(
        "spine_uplinks",
        f"a spine has {counted(of['spine_uplinks'], 'uplink')}",
        HALF_UP,
    )
    own = of["core_groups"] == of["spines_per_pod"]
    dealt = "spine k of every pod goes to group k" if own else "the spines of a pod in turn"
    yield decided(
        "core_groups",
        f"{counted(of['core_groups'], 'group')} of cores{each}: {dealt}",
        "each spine of a pod has a group of its own",
    )
    yield decided(
        "cores_per_group",
        f"a group has {counted(of['cores_per_group'], 'core')}, with"
        f" {_links(of, 'spine_uplinks', 'cores_per_group')} from each of its spines",
        "fewer would not divide a spine's uplinks evenly, or lack the ports for all pods",
    )


def _links(of: Mapping[str, int], uplinks: str, among: str) -> str:
    return counted(of[uplinks] // of[among], "link")
