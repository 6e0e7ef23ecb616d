"""Ports of hardware: cages, halves, NIC ports and what the operating system calls them.

A *cage* is what a plug goes into; a *port* is what a link ends at. A cage of a switch may be split
(`breakouts`: lanes × speed); a cage of a server may hold two NIC ports that go to two switches
(`ports_per_cage`). Cage and half are printed on every wiring sheet, so both are kept apart here.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from colossus.inventory.words import Authored, Connector, InterfaceName, Name, Speed

Face = Literal["front", "rear"]
BMC_PORTS = "bmc"
"""Port group of a server's BMC, always: its ports are not interfaces of the operating system."""


def _fillable(pattern: str) -> str:
    try:
        pattern.format(cage=1, lane=0, half=1, letter="a", index=0)
    except (KeyError, IndexError, ValueError) as problem:
        message = f"{pattern!r} may use {{cage}}, {{lane}}, {{half}}, {{letter}} and {{index}} only"
        raise ValueError(message) from problem
    return pattern


InterfacePattern = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_./{}-]+$"),
    AfterValidator(_fillable),
]


class Breakout(Authored):
    """One way to split a cage: lanes × speed, e.g. 2 × 200G on a 400G cage."""

    lanes: Annotated[int, Field(ge=1, le=8)]
    speed: Speed


class PortGroup(Authored):
    """A row of equal ports: a switch's cages, a server's NIC ports, a BMC.

    `interface` is the operating system's name of an unsplit port, `split_interface` of one part
    of a split one; `{cage}` counts from `first_cage`, `{lane}` from 0, `{half}` from 1, `{letter}`
    from a. `{index}` = index_first + index_step × (cage - first_cage) + lane_step × lane, where
    lane_step is index_step divided by the lanes of the split unless it is given (SONiC:
    Ethernet0, 4, 8). NIC groups list their names in `interfaces`: slot order is not rail order.

    count counts ports. ports_per_cage: port p sits in cage p div n, half p mod n.
    rail_order: `by-interface` = entry p is rail p div ports_per_nic; `none` = no rails.
    slots, numa_nodes, pcie_switches, rdma_devices: one entry per port. face: of the rack, where
    the plugs are, for a box that is mounted as usual.
    """

    name: Name
    count: Annotated[int, Field(ge=1, le=1024)] = 1
    first_cage: int = 1
    ports_per_cage: Annotated[int, Field(ge=1, le=8)] = 1
    ports_per_nic: Annotated[int, Field(ge=1, le=1024)] = 1
    connector: Connector
    speed: Speed
    breakouts: tuple[Breakout, ...] = ()
    interface: InterfacePattern | None = None
    split_interface: InterfacePattern | None = None
    index_first: Annotated[int, Field(ge=0)] = 0
    index_step: Annotated[int, Field(ge=1)] = 1
    lane_step: Annotated[int, Field(ge=1)] | None = None
    interfaces: tuple[InterfaceName, ...] = ()
    slots: tuple[str, ...] = ()
    numa_nodes: tuple[int, ...] = ()
    pcie_switches: tuple[int, ...] = ()
    rdma_devices: tuple[InterfaceName, ...] = ()
    rail_order: Literal["by-interface", "none"] | None = None
    cage_watts: Annotated[float, Field(gt=0)] | None = None
    management: bool = False
    face: Face | None = None

    @model_validator(mode="after")
    def _names_match_count(self) -> Self:
        if bool(self.interfaces) == bool(self.interface):
            message = f"port group {self.name!r} needs either interface or interfaces"
            raise ValueError(message)
        for what in ("interfaces", "slots", "numa_nodes", "pcie_switches", "rdma_devices"):
            listed: tuple[object, ...] = getattr(self, what)
            if listed and len(listed) != self.count:
                message = (
                    f"port group {self.name!r} has count {self.count} but {len(listed)} {what}"
                )
                raise ValueError(message)
        if self.breakouts and not self.split_interface:
            message = f"port group {self.name!r} can be split, so it needs split_interface"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _ports_fill_cages(self) -> Self:
        for what in ("ports_per_cage", "ports_per_nic"):
            if self.count % getattr(self, what):
                message = (
                    f"port group {self.name!r}: count {self.count} is no multiple of"
                    f" {what} {getattr(self, what)}"
                )
                raise ValueError(message)
        if self.breakouts and self.ports_per_cage > 1:
            message = f"port group {self.name!r}: a cage is either shared or split, not both"
            raise ValueError(message)
        return self

    @property
    def cages(self) -> int:
        """How many cages there are; the same as count unless ports share cages."""
        return self.count // self.ports_per_cage

    @property
    def radix(self) -> int:
        """How many links the group can end when every cage is split as far as it goes."""
        return self.count * max((split.lanes for split in self.breakouts), default=1)

    def slot_at(self, cage: int, lane: int = -1) -> str:
        """Give the slot of the card that a cage, or one half of it, belongs to; empty if none."""
        return self.slots[self._port(cage, lane)] if self.slots else ""

    def interface_at(self, cage: int, lane: int = -1, speed: str = "") -> str:
        """Name a port as the operating system does; cage and lane count from 0, lane -1 = whole.

        speed: of the port, where a cage can be split in several ways.
        """
        if self.interfaces:
            return self.interfaces[self._port(cage, lane)]
        split = lane >= 0 and self.ports_per_cage == 1
        pattern = (self.split_interface if split else self.interface) or ""
        step = self.lane_step or self.index_step // self.lanes(speed)
        return pattern.format(
            cage=cage + self.first_cage,
            lane=lane,
            half=lane + 1,
            letter=chr(ord("a") + max(lane, 0)),
            index=self.index_first + self.index_step * cage + step * max(lane, 0),
        )

    def _port(self, cage: int, lane: int) -> int:
        return cage * self.ports_per_cage + max(lane, 0)

    def lanes(self, speed: str) -> int:
        """Give the ports of a cage that is split for this speed; in its first way if for none."""
        fitting = [split.lanes for split in self.breakouts if split.speed == speed]
        first = [split.lanes for split in self.breakouts]
        return next(iter((*fitting, *first)), self.ports_per_cage)
