"""Hosts and resources folded: what is equal is said once, for people and in the plan's document."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from colossus.inventory.nodeset import expand, fold
from colossus.plan.resource import Json, Resource, Target, canonical


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Give names in the one order that folding and expanding keep."""
    folded = fold(names)
    return tuple(expand(folded)) if folded else ()


def merged(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Merge lists that mostly agree: what a list adds comes after its predecessor."""
    order: list[str] = []
    for names in dict.fromkeys(tuple(each) for each in lists):
        place = 0
        known = {name: index for index, name in enumerate(order)}
        for name in names:
            if name in known:
                place = max(place, order.index(name) + 1)
            else:
                order.insert(place, name)
                place += 1
    return tuple(order)


@dataclass(frozen=True, slots=True)
class FoldedTarget:
    """The resources of a target: a layout, and the places where it has resources of its own."""

    layout: int
    own: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FoldedTargets:
    """Each resource once; layouts list them by index; targets say where they differ from one."""

    resources: tuple[Resource, ...]
    layouts: tuple[tuple[int, ...], ...]
    targets: Mapping[str, FoldedTarget]


def fold_targets(targets: Mapping[str, Target]) -> FoldedTargets:
    """Fold the resources of many targets; those with the same ids share a layout."""
    resources: dict[str, int] = {}
    kept: list[Resource] = []
    layouts: dict[tuple[str, ...], int] = {}
    rows: list[tuple[int, ...]] = []
    folded = {}
    for name, target in targets.items():
        row = []
        for resource in target.resources:
            key = _key(resource)
            if key not in resources:
                resources[key] = len(kept)
                kept.append(resource)
            row.append(resources[key])
        shape = tuple(resource.id for resource in target.resources)
        if shape not in layouts:
            layouts[shape] = len(rows)
            rows.append(tuple(row))
        layout = layouts[shape]
        pairs = zip(row, rows[layout], strict=True)
        own = tuple((place, index) for place, (index, other) in enumerate(pairs) if index != other)
        folded[name] = FoldedTarget(layout, own)
    return FoldedTargets(tuple(kept), tuple(rows), folded)


def unfold_resources(
    folded: FoldedTarget,
    layouts: Sequence[Sequence[int]],
    resources: Sequence[Resource],
) -> tuple[Resource, ...]:
    """Give the resources of one target again. Raises IndexError for places that do not exist."""
    row = list(layouts[folded.layout])
    for place, index in folded.own:
        row[place] = index
    return tuple(resources[index] for index in row)


def _key(resource: Resource) -> str:
    on: list[Json] = list(resource.on)
    return canonical([resource.id, resource.kind, dict(resource.body), on, resource.reason])
