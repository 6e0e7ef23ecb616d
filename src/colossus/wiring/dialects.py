"""What other tools call our ports: one name per port in use, unique within its device.

Sources: docs/wiring.md, section Exports; facts of the Cable Validation Tool's manual (`rail<n>`,
`swp<n>s<n>`, host port n = mlx5_(n-1)) and of `ibdiagnet -t`.
"""

import re
from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric, speed_word
from colossus.inventory.catalog import Switch
from colossus.inventory.ports import PortGroup
from colossus.wiring.ports import PortTexts, Texts, port_kinds, port_texts, texts

Namer = Callable[[Fabric], Texts]
_RDMA = re.compile(r"mlx5_(?:ib)?([0-9]+)")
_NVOS = re.compile(r"sw[0-9]+p[0-9]+")


def interfaces(fabric: Fabric) -> Texts:
    """Name ports as the operating system does."""
    return port_texts(fabric).interface


def cvt_ethernet(fabric: Fabric) -> Texts:
    """Name switch ports `swp7s1` and host ports `rail3` (rails from 0).

    A host whose rail has several ports (planes) keeps the interface names of that rail: the same
    name twice would be no name.
    """
    names, known = port_texts(fabric), fabric.ports
    result = _by_kind(fabric, names, _switch_swp)
    rows = np.flatnonzero((known.rail >= 0) & ~_at_switch(fabric)).tolist()
    rails = list(zip(known.device[rows].tolist(), known.rail[rows].tolist(), strict=True))
    times = Counter(rails)
    for row, place in zip(rows, rails, strict=True):
        if times[place] == 1:
            result[row] = f"rail{place[1]}"
    return result


def cvt_infiniband(fabric: Fabric) -> Texts:
    """Name switch ports `7/2` (NVOS: `sw7p2`) and host ports by number, 1 = mlx5_0."""
    return _by_kind(fabric, port_texts(fabric), _infiniband)


def ibdm(fabric: Fabric) -> Texts:
    """Name switch ports `P14` (halves counted through) and host ports `mlx5_3/P1`.

    A switch numbers its ports by how its cages are split: twice two halves are P1 to P4.
    """
    names, known = _by_kind(fabric, port_texts(fabric), _adapter), fabric.ports
    rows = np.flatnonzero(_at_switch(fabric))
    kinds = np.stack(
        [
            fabric.devices.model[known.device[rows]],
            known.group[rows],
            known.speed[rows],
            np.where(known.lane[rows] >= 0, 1, 0),
        ],
        axis=1,
    )
    distinct, kind = np.unique(kinds, axis=0, return_inverse=True)
    told = np.array([_split(fabric, *row) for row in distinct.tolist()], dtype=np.int64)
    told = told.reshape(len(distinct), 2)
    place, last = np.unique(
        np.stack([known.device[rows], known.group[rows]], axis=1), axis=0, return_inverse=True
    )
    lanes: NDArray[np.int64] = np.ones(len(place), dtype=np.int64)
    np.maximum.at(lanes, last.ravel(), told[kind.ravel(), 0])
    first = told[kind.ravel(), 1]
    number = (known.cage[rows] + first - 1) * lanes[last.ravel()] + np.maximum(known.lane[rows], 0)
    named = rows[first >= 0]
    names[named] = texts([f"P{each + 1}" for each in number[first >= 0].tolist()])
    return names


def _split(fabric: Fabric, model: int, group: int, speed: int, split: int) -> tuple[int, int]:
    """Give the ports in a cage of a switch, and the number of its first cage; -1: none is named."""
    item = fabric.catalog[fabric.models[model]]
    ports = item.ports[group] if isinstance(item, Switch) else None
    if ports is None or ports.management:
        return 1, -1
    return ports.lanes(speed_word(speed)) if split else 1, ports.first_cage


def _by_kind(
    fabric: Fabric,
    names: PortTexts,
    name: Callable[[PortGroup, int, int, bool], str],
) -> Texts:
    """Name ports by group, cage and lane (from 0; -1 unsplit); an empty name = the interface."""
    firsts, kind = port_kinds(fabric)
    ports, at_switch = fabric.ports, _at_switch(fabric)
    made = []
    for row in firsts.tolist():
        group, cage, lane = fabric.port_row(row), int(ports.cage[row]), int(ports.lane[row])
        word = ""
        if isinstance(group, PortGroup):
            word = name(group, cage, lane, bool(at_switch[row]))
        made.append(word or names.interface[row])
    result: Texts = texts(made)[kind]
    return result


def _at_switch(fabric: Fabric) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    kinds = [isinstance(fabric.catalog[model], Switch) for model in fabric.models]
    switch = np.array(kinds, dtype=np.bool_)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = switch[
        fabric.devices.model[fabric.ports.device]
    ]
    return found


def _switch_swp(group: PortGroup, cage: int, lane: int, at_switch: bool) -> str:  # noqa: FBT001 - one of four coordinates of a port
    if not at_switch or group.management:
        return ""
    number = cage + group.first_cage
    return f"swp{number}" if lane < 0 else f"swp{number}s{lane}"


def _infiniband(group: PortGroup, cage: int, lane: int, at_switch: bool) -> str:  # noqa: FBT001 - as above
    interface = group.interface_at(cage, lane)
    if group.management or (at_switch and _NVOS.match(interface)):
        return interface
    if at_switch:
        number = str(cage + group.first_cage)
        return number if lane < 0 else f"{number}/{lane + 1}"
    found = _RDMA.fullmatch(_rdma_device(group, cage, lane))
    return str(int(found[1]) + 1) if found else ""


def _adapter(group: PortGroup, cage: int, lane: int, at_switch: bool) -> str:  # noqa: FBT001 - as above
    device = "" if at_switch else _rdma_device(group, cage, lane)
    return f"{device}/P1" if device else ""


def _rdma_device(group: PortGroup, cage: int, lane: int) -> str:
    if not group.rdma_devices:
        return ""
    return group.rdma_devices[cage * group.ports_per_cage + max(lane, 0)]
