"""Fabrics that are no Clos: dragonfly groups, meshes of tiles. Intent, never cables by hand."""

from typing import Annotated

from pydantic import Field

from colossus.inventory.catalog import Breakout
from colossus.inventory.words import Authored, Name

EDGES = len("nesw")
"""Edges of a tile, in the order of its ports."""


class GroupSwitch(Authored):
    """One kind of switch of a dragonfly: its port group, and how every cage of it is split."""

    role: Name
    ports: Name
    split: Breakout | None = None


class Dragonfly(Authored):
    """Groups of switches: all to all inside a group, equally many links between any two groups.

    Switches make groups in the order of their ordinals, role by role; hosts belong to the group
    whose switches stand in their rack. A cable carries as many links as a cage is split into,
    except inside a group, where every pair of switches has one link. grow_to: groups that the
    switches must have ports for from the start; those that come take them and move nothing.
    """

    switches: Annotated[tuple[GroupSwitch, ...], Field(min_length=1)]
    switches_per_group: Annotated[int, Field(ge=1, le=1024)]
    hosts_per_group: Annotated[int, Field(ge=1, le=4096)]
    links_per_group_pair: Annotated[int, Field(ge=1)]
    grow_to: Annotated[int, Field(ge=1)] | None = None


class Mesh(Authored):
    """Trays of tiles, rows × columns to a tray, every tile with four edges: n, e, s, w.

    Tile t stands in row t div columns; port 4t is its north edge, then east, south, west. Tiles
    that stand next to each other in a tray are linked; the east edges of a tray meet the west
    edges of the tray at the same level of the next cabinet, up to `cabinets` in a row. Trays are
    counted by ordinal: `trays_per_cabinet` levels to a cabinet.
    card_edges: the edges (`0n`) that take interface cards, an equal share of the ports of `cards`
    each; one interface host of the fabric's ends serves one edge.
    """

    role: Name
    tiles: Name
    cards: Name
    rows: Annotated[int, Field(ge=1, le=16)]
    columns: Annotated[int, Field(ge=1, le=16)]
    card_edges: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9]{1,3}[nesw]$")], ...], Field(min_length=1)
    ]
    trays_per_cabinet: Annotated[int, Field(ge=1)] = 1
    cabinets: Annotated[int, Field(ge=1)]
