"""Invariants of ports: used once, split as the hardware can, equal speed and mating plugs."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from colossus.checks.seats import authored_at
from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.model import Fabric, PortView
from colossus.inventory.catalog import Breakout
from colossus.inventory.fabrics import FabricIntent
from colossus.inventory.nodeset import fold_short

MATING: tuple[frozenset[str], ...] = (
    frozenset({"RJ45"}),
    frozenset({"SFP", "SFP28", "SFP56", "QSFP28"}),
    frozenset({"QSFP28", "QSFP56", "QSFP112", "QSFP-DD"}),
    frozenset({"OSFP", "OSFP112", "OSFP-IHS", "OSFP-RHS", "QSFP56", "QSFP112", "QSFP-DD"}),
    frozenset({"BACKPLANE"}),
    frozenset({"TILE-EDGE"}),
    frozenset({"MPO"}),
)
"""Cages between which one cable or a pair of optics exists (facts: wiring.md 4.5)."""


def port_used_twice(fabric: Fabric) -> Iterator[Diagnostic]:
    """A port, or a cage and one of its halves, carries two links."""
    ports = fabric.ports
    key = (ports.device.astype(np.int64) << 32) | (ports.group << 16) | ports.cage
    order = np.lexsort((ports.lane, key))
    first, second = order[:-1], order[1:]
    lanes = ports.lane[first], ports.lane[second]
    same = (lanes[0] == lanes[1]) | (np.minimum(*lanes) < 0)
    doubled = (key[first] == key[second]) & same
    use = np.zeros(len(ports.device), dtype=np.int32)
    use[fabric.links.a] = use[fabric.links.z] = fabric.links.fabric
    clashes: dict[tuple[str, str], list[int]] = {}
    for pair in np.sort(np.stack([first[doubled], second[doubled]], axis=1), axis=1):
        early, late = (fabric.fabrics[use[row]] for row in pair)
        clashes.setdefault((early, late), []).append(int(pair[1]))
    for (one, other), rows in clashes.items():
        rows.sort()
        role = fabric.roles[fabric.devices.role[ports.device[rows[0]]]]
        devices = fold_short(fabric.devices.names[ports.device[row]] for row in rows)
        users = f"fabric {one} and again by fabric {other}" if one != other else f"fabric {one}"
        links = np.flatnonzero(np.isin(fabric.links.z, rows) | np.isin(fabric.links.a, rows))
        place = authored_at(fabric, int(use[rows[0]]), links)
        ruled = not place.startswith("cable")
        yield error(
            "port-used-twice",
            _ends_path(fabric, other, role) if ruled else place,
            f"{counted(len(rows), 'port')} of {devices} used twice, by {users}"
            f" (first: {fabric.port(rows[0])})",
            "take the ports out of one of the fabrics; two fabrics on one switch role need port"
            " groups of their own"
            if ruled
            else "say with another override where the cable went that was plugged there",
        )


def _ends_path(fabric: Fabric, name: str, role: str) -> str:
    for place, end in enumerate(fabric.site.fabrics[name].ends):
        if end.role == role:
            return f"fabrics.{name}.ends[{place}].ports"
    return f"fabrics.{name}"


def breakout_unsupported(fabric: Fabric) -> Iterator[Diagnostic]:
    """A fabric splits cages in a way that the switch cannot."""
    for name, intent in fabric.site.fabrics.items():
        for field, role, ports, breakout in _splits(intent):
            model = fabric.site.roles[role].model
            groups = getattr(fabric.catalog[model], "ports", ())
            group = next(item for item in groups if item.name == ports)
            whole = Breakout(lanes=1, speed=group.speed)
            if breakout in (*group.breakouts, whole):
                continue
            known = ", ".join(f"{each.lanes} x {each.speed}" for each in group.breakouts)
            yield error(
                "breakout-unsupported",
                f"fabrics.{name}.{field}",
                f"{model} cannot split its {group.speed} ports into"
                f" {breakout.lanes} x {breakout.speed}",
                f"the catalogue knows: {known or 'no split'}",
            )


def _splits(intent: FabricIntent) -> Iterator[tuple[str, str, str, Breakout]]:
    """Give every split that a fabric asks for: field, switch role, port group, split."""
    if intent.breakout and intent.switch_role and intent.switch_ports:
        yield "breakout", intent.switch_role, intent.switch_ports, intent.breakout
    for place, switch in enumerate(intent.dragonfly.switches if intent.dragonfly else ()):
        if switch.split:
            field = f"dragonfly.switches[{place}].split"
            yield field, switch.role, switch.ports, switch.split
    for word, tier in intent.clos.tiers if intent.clos else ():
        for field in ("down", "up"):
            if tier and (split := getattr(tier, field)):
                yield f"clos.tiers.{word}.{field}", tier.role, tier.ports, split


def speed_mismatch(fabric: Fabric) -> Iterator[Diagnostic]:
    """The two ends of a link run at different speeds."""
    speed = fabric.ports.speed
    wrong = np.flatnonzero(speed[fabric.links.a] != speed[fabric.links.z])
    yield from _per_pair(
        fabric,
        wrong,
        ("speed-mismatch", lambda port: port.speed),
        "split the switch's cages to the speed of the host's ports, or choose another model",
    )


def connector_mismatch(fabric: Fabric) -> Iterator[Diagnostic]:
    """No cable and no pair of optics joins the two ends of a link."""
    ports = fabric.ports
    kind = fabric.devices.model[ports.device].astype(np.int64) << 16 | ports.group
    pairs = np.stack([kind[fabric.links.a], kind[fabric.links.z]], axis=1)
    _, sample, which = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    apart = np.asarray([not _mate(fabric, int(link)) for link in sample], dtype=np.bool_)
    yield from _per_pair(
        fabric,
        np.flatnonzero(apart[which.ravel()]),
        ("connector-mismatch", lambda port: port.connector),
        "use a switch port group whose cages mate with the host's",
    )


def _mate(fabric: Fabric, link: int) -> bool:
    pair = {
        fabric.port_group(int(port)).connector
        for port in (fabric.links.a[link], fabric.links.z[link])
    }
    return any(pair <= family for family in MATING)


def _per_pair(
    fabric: Fabric,
    wrong: NDArray[np.int64],
    what: tuple[str, Callable[[PortView], str]],
    hint: str,
) -> Iterator[Diagnostic]:
    """Report wrong links once per fabric and pair of ends, with their number and one example."""
    code, word = what
    groups: dict[tuple[str, str, str], list[int]] = {}
    for row in _samples(fabric, wrong):
        link = fabric.link(row)
        groups.setdefault((link.fabric, word(link.a), word(link.z)), []).append(row)
    for (name, one, other), rows in groups.items():
        link = fabric.link(rows[0])
        roles = dict.fromkeys(_role(fabric, row) for row in rows)
        yield error(
            code,
            _ends_path(fabric, name, *roles) if len(roles) == 1 else f"fabrics.{name}",
            f"fabric {name}: {one} at {link.a} meets {other} at {link.z} (and on all such links of"
            f" {', '.join(roles)})",
            hint,
        )


def _samples(fabric: Fabric, links: NDArray[np.int64]) -> list[int]:
    """Give one link of each kind: same fabric, roles, port groups and speeds."""
    ports, table = fabric.ports, fabric.links
    columns = [table.fabric[links]]
    for end in (table.a[links], table.z[links]):
        columns += [fabric.devices.role[ports.device[end]], ports.group[end], ports.speed[end]]
    _, sample = np.unique(np.stack(columns, axis=1), axis=0, return_index=True)
    return [int(row) for row in links[np.sort(sample)]]


def _role(fabric: Fabric, link: int) -> str:
    device = int(fabric.ports.device[fabric.links.a[link]])
    return str(fabric.roles[fabric.devices.role[device]])
