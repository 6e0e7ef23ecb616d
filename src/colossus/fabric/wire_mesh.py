"""Links of tile meshes: tiles of a tray, trays of neighbouring cabinets, interface cards at edges.

Tile t of a tray has ports 4t to 4t + 3: north, east, south, west. Trays and interface hosts count
by ordinal: tray n stands in cabinet n div levels, at level n mod levels; interface host m serves
edge m mod e of tray m div e, card by card. Source: facts, systems.md 5.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.columns import Columns, Ports
from colossus.fabric.intent import Wiring, end_ports
from colossus.fabric.tables import TIERS
from colossus.inventory.catalog import PortGroup
from colossus.inventory.locks import FabricLock
from colossus.inventory.nodeset import fold_short
from colossus.inventory.topologies import EDGES, Mesh
from colossus.inventory.words import SPEEDS_MBPS

Column = NDArray[np.int64]
NORTH, EAST, SOUTH, WEST = range(EDGES)


@dataclass(frozen=True, slots=True)
class _Trays:
    """The trays by ordinal (row -1 where one is missing) and their two port groups."""

    rows: Column
    tiles: tuple[int, PortGroup]
    cards: tuple[int, PortGroup]

    def tile_ports(self, tray: Column, port: Column) -> Ports:
        """Give edges of tiles."""
        index, group = self.tiles
        return Ports(self.rows[tray], index, port, -1, SPEEDS_MBPS[group.speed], -1)

    def card_ports(self, tray: Column, card: Column) -> Ports:
        """Give seats of interface cards; no tray where the ordinal is beyond the last."""
        index, group = self.cards
        rows = np.append(self.rows, -1)[np.minimum(tray, len(self.rows))]
        return Ports(rows, index, card, -1, SPEEDS_MBPS[group.speed], -1)


def wire_mesh(
    wiring: Wiring,
    code: int,
    columns: Columns,
) -> tuple[FabricLock, list[Diagnostic]]:
    """Wire all trays; a shape that the trays do not have is a finding."""
    mesh = wiring.intent.mesh
    assert mesh is not None  # noqa: S101 — the model demands it for this topology
    decisions: dict[str, int | str] = {
        "topology": wiring.intent.topology,
        "tiles": f"{mesh.rows} x {mesh.columns}",
        "card_edges": " ".join(mesh.card_edges),
        "trays_per_cabinet": mesh.trays_per_cabinet,
        "cabinets": mesh.cabinets,
    }
    trays = _trays(wiring, mesh)
    lock = FabricLock(shape=decisions, slots=())
    if impossible := [*_impossible(wiring, mesh, trays)]:
        return lock, impossible
    _inside(mesh, trays, code, columns)
    _between(mesh, trays, code, columns)
    return lock, [*_cards(wiring, mesh, trays, code, columns)]


def _trays(wiring: Wiring, mesh: Mesh) -> _Trays:
    rows = np.asarray(wiring.devices(mesh.role), dtype=np.int64)
    ordinals = wiring.layout.devices.ordinal[rows]
    standing = np.full(int(ordinals.max(initial=-1)) + 1, -1, dtype=np.int64)
    standing[ordinals] = rows
    tiles, cards = wiring.groups(wiring.site.roles[mesh.role].model, (mesh.tiles, mesh.cards))
    return _Trays(standing, tiles, cards)


def _neighbours(mesh: Mesh) -> tuple[Column, Column]:
    """Give the ports of a tray that meet each other: east with west, south with north."""
    tile = np.arange(mesh.rows * mesh.columns).reshape(mesh.rows, mesh.columns)
    west, east = tile[:, :-1].ravel(), tile[:, 1:].ravel()
    upper, lower = tile[:-1].ravel(), tile[1:].ravel()
    one = np.concatenate([west * EDGES + EAST, upper * EDGES + SOUTH])
    other = np.concatenate([east * EDGES + WEST, lower * EDGES + NORTH])
    return one, other


def _inside(mesh: Mesh, trays: _Trays, code: int, columns: Columns) -> None:
    """Link the tiles that stand next to each other in a tray."""
    one, other = _neighbours(mesh)
    count = len(trays.rows)
    tray = np.repeat(np.arange(count), len(one))
    near = trays.tile_ports(tray, np.tile(one, count))
    _connect(columns, code, "tile-tile", near, trays.tile_ports(tray, np.tile(other, count)))


def _between(mesh: Mesh, trays: _Trays, code: int, columns: Columns) -> None:
    """Link each tray with the one at its level in the next cabinet of the same mesh."""
    tray = np.arange(max(len(trays.rows) - mesh.trays_per_cabinet, 0))
    cabinet = tray // mesh.trays_per_cabinet
    tray = tray[cabinet // mesh.cabinets == (cabinet + 1) // mesh.cabinets]
    row = np.tile(np.arange(mesh.rows), len(tray))
    tray = np.repeat(tray, mesh.rows)
    east = ((row + 1) * mesh.columns - 1) * EDGES + EAST
    west = row * mesh.columns * EDGES + WEST
    far = trays.tile_ports(tray + mesh.trays_per_cabinet, west)
    _connect(columns, code, "tile-tile", trays.tile_ports(tray, east), far)


def _cards(
    wiring: Wiring,
    mesh: Mesh,
    trays: _Trays,
    code: int,
    columns: Columns,
) -> Iterator[Diagnostic]:
    """Link the cards of every interface host to their edge."""
    end, edges = wiring.intent.ends[0], len(mesh.card_edges)
    hosts = np.asarray(wiring.devices(end.role), dtype=np.int64)
    tray, edge = np.divmod(wiring.layout.devices.ordinal[hosts].astype(np.int64), edges)
    lost = np.append(trays.rows, -1)[np.minimum(tray, len(trays.rows))] < 0
    if lost.any():
        names = wiring.layout.devices.names
        yield error(
            "mesh-impossible",
            f"{wiring.path}.mesh",
            f"fabric {wiring.name}: no tray has an edge for"
            f" {fold_short(names[row] for row in hosts[lost])}; a tray has {edges}, one for each"
            " interface host",
            "place fewer interface hosts, or more trays",
        )
    hosts, tray, edge = hosts[~lost], tray[~lost], edge[~lost]
    if not len(hosts):
        return
    ports = np.asarray(end_ports(wiring, int(hosts[0]), end.ports), dtype=np.int64)
    share = len(ports)
    card = np.tile(np.arange(share), len(hosts))
    near = Ports(np.repeat(hosts, share), *np.tile(ports, (len(hosts), 1)).T)
    far = trays.card_ports(np.repeat(tray, share), np.repeat(edge, share) * share + card)
    _connect(columns, code, "dip-tile", near, far)


def _connect(columns: Columns, code: int, tier: str, near: Ports, far: Ports) -> None:
    """Append the links whose two devices exist."""
    a, z = (np.broadcast_arrays(*ports) for ports in (near, far))
    there = (a[0] >= 0) & (z[0] >= 0)
    if there.any():
        rows = [columns.ports(Ports(*(column[there] for column in side))) for side in (a, z)]
        columns.links(rows[0], rows[1], code, TIERS.index(tier))


def _impossible(wiring: Wiring, mesh: Mesh, trays: _Trays) -> Iterator[Diagnostic]:
    """Say where the stated mesh and the trays of the catalogue differ."""
    path, tiles = f"{wiring.path}.mesh", mesh.rows * mesh.columns
    edges = trays.tiles[1].count
    if edges != tiles * EDGES:
        yield error(
            "mesh-impossible",
            path,
            f"fabric {wiring.name}: {mesh.rows} x {mesh.columns} tiles have {tiles * EDGES} edges,"
            f" port group {mesh.tiles} of role {mesh.role} has {edges} ports",
            "set rows and columns to the tiles of a tray, or name the port group of their edges",
        )
        return
    inside = {int(port) for side in _neighbours(mesh) for port in side}
    taken = [
        edge
        for edge in mesh.card_edges
        if int(edge[:-1]) >= tiles
        or int(edge[:-1]) * EDGES + "nesw".index(edge[-1]) in inside
        or edge[-1] in "ew"
    ]
    if taken:
        yield error(
            "mesh-impossible",
            f"{path}.card_edges",
            f"fabric {wiring.name}: no interface card fits edge {', '.join(taken)}: cards sit on"
            f" the top and bottom edges of a tray, of tiles 0 to {tiles - 1}",
            "name north edges of the first row, or south edges of the last one",
        )
        return
    end = wiring.intent.ends[0]
    _, group = wiring.groups(wiring.site.roles[end.role].model, end.ports[:1])[0]
    if group.count * len(mesh.card_edges) != trays.cards[1].count:
        yield error(
            "mesh-impossible",
            path,
            f"fabric {wiring.name}: {len(mesh.card_edges)} edges with the {group.count} cards of a"
            f" host each are not the {trays.cards[1].count} seats of a tray",
            "name as many card_edges as a tray has interface hosts",
        )
