"""The whole cabling: cords and hoses as links and cables behind those that carry bits.

What the floor pulls, buys and labels is all of it; what talks (LLDP, exports of topologies,
verdicts) is the fabric alone. A cord is a link of the fabric `power` whose plane is its feed, a
hose one of `coolant`; the end at the device that is fed or cooled is `a`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.identity import identify
from colossus.fabric.measures import (
    IN_RACK_SLACK_METRES,
    LATERAL_METRES,
    PLINTH_METRES,
    U_METRES,
    height_of,
)
from colossus.fabric.media import next_length
from colossus.fabric.model import Equipment, Fabric
from colossus.fabric.supply import FEEDS, CordTable, HoseTable
from colossus.fabric.tables import (
    COOLANT,
    MEDIA,
    POWER,
    TIERS,
    CableTable,
    DeviceTable,
    Index,
    LinkTable,
    PortTable,
    joint_status,
)
from colossus.inventory.catalog import CatalogItem
from colossus.inventory.references import FIXTURE_ROLES
from colossus.inventory.sockets import MANIFOLD, TAP, sockets_of

Table = TypeVar("Table", DeviceTable, PortTable, LinkTable, CableTable)
_NAMES = ("manifold-{}", *(f"tap-{{}}-{feed.lower()}" for feed in FEEDS))
_ITEMS = {f"{item.vendor}/{item.model}": item for item in (MANIFOLD, TAP)}


@dataclass(frozen=True, slots=True)
class Whole:
    """A fabric with cords and hoses in it, and the salts of all its cable ids."""

    fabric: Fabric
    salted: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Cords, then hoses: sockets at both ends, and what goes along with each."""

    a: PortTable
    z: PortTable
    code: Index
    plane: Index
    route: NDArray[np.float64]


def whole(fabric: Fabric, salted: Mapping[str, int]) -> Whole:
    """Put cords and hoses behind the links and cables of a fabric; salted: as the lock knows."""
    fixed = _with_fixtures(fabric)
    runs = _runs(fixed, _plugged(fabric.supply.cords), fabric.supply.hoses)
    ids, salts = identify(_keys(fixed, runs), dict(salted), taken=fabric.cables.ids)
    count, ports, cables = len(runs.code), len(fabric.ports.device), len(fabric.cables.ids)
    rows = np.arange(count, dtype=np.int32)
    none = np.full(count, -1, dtype=np.int32)
    feed = np.where(runs.code == 0, TIERS.index("feed"), TIERS.index("loop")).astype(np.int32)
    net = runs.code + len(fabric.fabrics)
    links = LinkTable(
        ports + rows, ports + count + rows, net, feed, none, runs.plane, cables + rows
    )
    medium = np.where(runs.code == 0, MEDIA.index("CORD"), MEDIA.index("HOSE")).astype(np.int32)
    status = fixed.devices.status
    bought = CableTable(
        ids=ids,
        fabric=net,
        medium=medium,
        legs=np.ones(count, dtype=np.int32),
        status=joint_status(status[runs.a.device], status[runs.z.device]),
        route_m=np.round(runs.route, 2).astype(np.float32),
        order_m=_orders(runs.route + IN_RACK_SLACK_METRES, medium),
    )
    return Whole(
        replace(
            fixed,
            fabrics=(*fabric.fabrics, POWER, COOLANT),
            ports=_joined(_joined(fabric.ports, runs.a), runs.z),
            links=_joined(fabric.links, links),
            cables=_joined(fabric.cables, bought),
        ),
        salts,
    )


def _joined(table: Table, more: Table) -> Table:
    """Put the rows of a table behind those of another."""
    columns: dict[str, Any] = {
        name: _behind(getattr(table, name), getattr(more, name)) for name in table.__slots__
    }
    return type(table)(**columns)


def _behind(column: Any, more: Any) -> Any:  # noqa: ANN401 — an array, or a tuple of names
    return (*column, *more) if isinstance(column, tuple) else np.concatenate([column, more])


def _with_fixtures(fabric: Fabric) -> Fabric:
    """Append manifolds and taps as devices beside the rails of their racks."""
    fixtures, racks = fabric.supply.fixtures, fabric.racks
    count = len(fixtures.rack)
    names = [
        _NAMES[kind].format(racks.names[rack])
        for rack, kind in zip(fixtures.rack.tolist(), fixtures.kind.tolist(), strict=True)
    ]
    tap = np.minimum(fixtures.kind, 1)
    zero = np.zeros(count, dtype=np.int32)
    devices = DeviceTable(
        names=tuple(names),
        role=tap + len(fabric.roles),
        model=tap + len(fabric.models),
        rack=fixtures.rack,
        u=zero,
        level=zero,
        ordinal=np.arange(count, dtype=np.int32),
        status=racks.status[fixtures.rack],
        stage=racks.stage[fixtures.rack],
        origin=racks.group[fixtures.rack] + len(fabric.origins),
        present=fabric.racks_present[fixtures.rack],
    )
    origins = (f"racks[{group}]" for group in range(len(fabric.site.racks)))
    items = {name: cast("CatalogItem", item) for name, item in _ITEMS.items()}
    return replace(
        fabric,
        catalog={**fabric.catalog, **items},
        models=(*fabric.models, *_ITEMS),
        roles=(*fabric.roles, *FIXTURE_ROLES),
        origins=(*fabric.origins, *origins),
        devices=_joined(fabric.devices, devices),
    )


def _plugged(cords: CordTable) -> CordTable:
    """Leave out the cords that found no outlet; a check tells of them."""
    chosen = cords.source >= 0
    return CordTable(*(getattr(cords, name)[chosen] for name in CordTable.__slots__))


def _runs(fabric: Fabric, cords: CordTable, hoses: HoseTable) -> _Runs:
    """Find the sockets at both ends of every cord and hose, and how far it runs."""
    places = _SocketPlaces(fabric)
    near = [
        places.of(cords.device, "psu", cords.inlet),
        places.of(hoses.device, "coupling", hoses.end),
    ]
    far = [
        places.of(cords.source, "outlet", cords.outlet - 1),
        places.of(hoses.source, "coupling", hoses.coupling),
    ]
    units = np.asarray([fabric.rack_model(rack).units for rack in range(len(fabric.racks.names))])
    outlet = PLINTH_METRES + cords.height * units[cords.rack] * U_METRES
    rise = np.abs(outlet - height_of(fabric.devices.u[cords.device]))
    codes = np.repeat(np.arange(2, dtype=np.int32), [len(cords.device), len(hoses.device)])
    return _Runs(
        a=_joined(*near),
        z=_joined(*far),
        code=codes,
        plane=np.concatenate([cords.feed, np.full(len(hoses.device), -1, dtype=np.int32)]),
        route=2 * LATERAL_METRES + np.append(rise, np.zeros(len(hoses.device))),
    )


class _SocketPlaces:
    """Where the sockets of each model stand: after its ports, as `sockets_of` lists them."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.rows = [
            (len(item.ports), sockets_of(item))
            for item in (cast("Equipment", fabric.catalog[model]) for model in fabric.models)
        ]

    def of(self, device: Index, name: str, number: Index) -> PortTable:
        """Give sockets as ports. number: counted from 0 through all sockets of that name."""
        group, cage = np.zeros_like(number), number.copy()
        model = self.fabric.devices.model[device]
        for code in np.unique(model).tolist():
            first, sockets = self.rows[code]
            mine = model == code
            passed = 0
            for place, row in enumerate(sockets):
                if row.name == name:
                    here = mine & (number >= passed)
                    group[here], cage[here] = first + place, number[here] - passed
                    passed += row.count
        none = np.full(len(number), -1, dtype=np.int32)
        return PortTable(device, group, cage, none, np.zeros_like(number), none)


def _keys(fabric: Fabric, runs: _Runs) -> list[str]:
    """Name each cord and hose by its two ends."""
    ends = [_end_names(fabric, table) for table in (runs.a, runs.z)]
    return [f"{a}|{z}" if a < z else f"{z}|{a}" for a, z in zip(*ends, strict=True)]


def _end_names(fabric: Fabric, ports: PortTable) -> list[str]:
    """Write `device:socket` of each, once per kind of socket."""
    model = fabric.devices.model[ports.device].astype(np.int64)
    kind = (model << 8 | ports.group) << 16 | ports.cage
    _, firsts, which = np.unique(kind, return_index=True, return_inverse=True)
    sockets = [
        fabric.sockets(int(ports.device[row]), int(ports.group[row])).interface_at(
            int(ports.cage[row])
        )
        for row in firsts.tolist()
    ]
    names = fabric.devices.names
    return [
        f"{names[device]}:{sockets[which_one]}"
        for device, which_one in zip(ports.device.tolist(), which.tolist(), strict=True)
    ]


def _orders(needed: NDArray[np.float64], medium: Index) -> NDArray[np.float32]:
    """Choose the next length on sale, once per different need."""
    both = np.stack([np.round(needed, 3), medium])
    kinds, which = np.unique(both, axis=1, return_inverse=True)
    lengths = [next_length(MEDIA[int(code)], metres) for metres, code in kinds.T.tolist()]
    return np.asarray(lengths, dtype=np.float32)[which.reshape(-1)]
