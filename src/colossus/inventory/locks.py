"""The lock: which decisions are fixed because something was built on them.

`cluster.lock` records ordinals and the shape of each fabric, never results: names, ports,
addresses and cable ids are computed from model and lock.
"""

from typing import Annotated, Literal

from pydantic import Field

from colossus.inventory.words import Authored, Feed, Name, NodeSet


class OrdinalRun(Authored):
    """Consecutive ordinals: rack by rack in this order, in each rack by U from the bottom.

    PDUs have no U: theirs are 2 and 3 for the first on feed A and B, 4 and 5 for the second. Those
    abreast at one U add hundreds: 1, 101, 201 are three at U1.
    """

    first: Annotated[int, Field(ge=0)]
    racks: NodeSet
    u: Annotated[tuple[int, ...], Field(min_length=1)]


class SlotRun(Authored):
    """Consecutive switch-port slots of a fabric: each device takes `ports` of them."""

    first: Annotated[int, Field(ge=0)]
    devices: NodeSet
    ports: Annotated[int, Field(ge=1)]


class FabricLock(Authored):
    """The decided shape of a fabric and the slots taken by each device."""

    shape: dict[str, int | str]
    slots: tuple[SlotRun, ...]


class SuppliedRun(Authored):
    """Devices of one role in the order in which they took outlets and couplings; u as above.

    plug: the inlet of their cords; hoses: of each device.
    """

    role: Name
    u: Annotated[tuple[int, ...], Field(min_length=1)]
    cords: Annotated[int, Field(ge=0)] = 0
    plug: str = ""
    hoses: Annotated[int, Field(ge=0)] = 0


class RackSupply(Authored):
    """Racks in which the same devices took outlets and couplings in the same order.

    pdu, feeds: of their PDUs; with others, cords would go elsewhere.
    """

    racks: NodeSet
    pdu: str = ""
    feeds: tuple[Feed, ...] = ()
    devices: tuple[SuppliedRun, ...]


class Lock(Authored):
    """Everything in `cluster.lock`. Entries of removed objects stay, so that they may come back.

    Nobody else gets their number; their switch ports go to others when no other port is free.

    levels: in which order racks fill the places of each level, hall by hall; their u is 0.
    supply: in which order the devices of a rack took its outlets and couplings.
    salted: cable ids that collided, with the salt that tells them apart.
    """

    schema_version: Literal[1] = 1
    cluster: Name
    roles: dict[Name, tuple[OrdinalRun, ...]]
    fabrics: dict[Name, FabricLock]
    levels: dict[Name, tuple[OrdinalRun, ...]] = {}
    supply: tuple[RackSupply, ...] = ()
    salted: dict[str, int] = {}
