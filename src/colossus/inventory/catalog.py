"""What hardware is: servers, switches, racks, PDUs, CDUs, shelves, with a provenance per fact.

One YAML file per model, `catalog/<vendor>/<model>.yaml`. Units stand in the names.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from colossus.inventory.hardware import CatalogBase, Cooling, Mounted, Ported, Power, Supplies
from colossus.inventory.ports import BMC_PORTS, Breakout, InterfacePattern, PortGroup
from colossus.inventory.words import Authored, Name

__all__ = [
    "BMC_PORTS",
    "Accelerators",
    "Breakout",
    "CatalogBase",
    "CatalogItem",
    "Cdu",
    "Chassis",
    "Cooling",
    "InterfacePattern",
    "Mounted",
    "Outlets",
    "Pdu",
    "PortGroup",
    "Ported",
    "Power",
    "PowerShelf",
    "Processors",
    "Rack",
    "Server",
    "Supplies",
    "Switch",
]


class Accelerators(Authored):
    """The accelerators of a server, counted in packages; device_file as gres.conf wants it.

    devices_each: what the system sees per package (2 dies of an MI250X); per_module: packages on
    one exchangeable module (25 D1 on a tile). numa_nodes, pcie_switches: one entry per package.
    """

    model: str
    gres_type: Name
    count: Annotated[int, Field(ge=1)]
    device_files: str = "/dev/nvidia[0-7]"
    numa_nodes: tuple[int, ...] = ()
    pcie_switches: tuple[int, ...] = ()
    devices_each: Annotated[int, Field(ge=1)] = 1
    per_module: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _one_entry_each(self) -> Self:
        for what in ("numa_nodes", "pcie_switches"):
            listed: tuple[int, ...] = getattr(self, what)
            if listed and len(listed) != self.count:
                message = f"{self.count} accelerators but {len(listed)} {what}"
                raise ValueError(message)
        return self


class Processors(Authored):
    """Sockets, cores and threads, as slurm.conf wants them; 0 sockets: a tray without a host."""

    sockets: Annotated[int, Field(ge=0)]
    cores_per_socket: Annotated[int, Field(ge=0)]
    threads_per_core: Annotated[int, Field(ge=1)] = 2


class Server(Mounted):
    """A server; memory_gib is what Slurm may give to jobs plus what the system keeps."""

    kind: Literal["server"]
    accelerators: Accelerators | None = None
    processors: Processors
    memory_gib: Annotated[int, Field(ge=0)]
    bmc: Literal["redfish", "idrac", "supermicro", "ipmi", "ibmc", "none"] = "redfish"

    @model_validator(mode="after")
    def _rails_are_said(self) -> Self:
        """The order of NIC slots is not the order of rails, and no default is right."""
        silent = [
            group.name
            for group in self.ports
            if group.count > 1 and not group.management and group.rail_order is None
        ]
        if silent:
            message = (
                f"port group {silent[0]!r} must say rail_order: by-interface if entry r is rail"
                " r, none if its ports are no rails"
            )
            raise ValueError(message)
        return self


class Switch(Mounted):
    """A switch; operating_system names what its playbook must speak. A director is one switch."""

    kind: Literal["switch"]
    protocol: Literal["ethernet", "infiniband", "slingshot", "nvlink"] = "ethernet"
    operating_system: Literal[
        "linux", "sonic", "cumulus", "os10", "mlnx-os", "nvos", "slingshot", "vrp"
    ] = "linux"


class Chassis(Mounted):
    """An enclosure in a rack or cabinet, with slots for blades and for switches."""

    kind: Literal["chassis"]
    slots: Annotated[int, Field(ge=1)]
    switch_slots: Annotated[int, Field(ge=0)] = 0


class Cdu(Mounted):
    """A coolant distribution unit in the rack: what it can carry away, and at which flow."""

    kind: Literal["cdu"]
    capacity_kw: Annotated[float, Field(gt=0)]
    flow_lpm: Annotated[float, Field(gt=0)]
    supply_celsius: Annotated[float, Field(ge=5, le=60)]


class PowerShelf(Mounted):
    """A shelf of rectifiers that feeds a DC busbar; its own draw is only its loss.

    output_watts: of all its rectifiers together. Redundancy is between shelves.
    """

    kind: Literal["power-shelf"]
    output_watts: Annotated[int, Field(gt=0)]
    output_volts: Annotated[float, Field(gt=0)]


class Rack(CatalogBase):
    """An empty rack: U positions, outer size, what it may carry.

    rear_door_kw: heat that a rear-door heat exchanger takes out of the air, where it has one.
    called: what its vendor calls it, in locations.
    """

    kind: Literal["rack"]
    called: Literal["rack", "cabinet"] = "rack"
    units: Annotated[int, Field(ge=1, le=60)]
    width_mm: Annotated[int, Field(gt=0)]
    depth_mm: Annotated[int, Field(gt=0)]
    usable_depth_mm: Annotated[int, Field(gt=0)]
    load_kg: Annotated[float, Field(gt=0)]
    rear_door_kw: Annotated[float, Field(gt=0)] | None = None


class Outlets(Authored):
    """Equal outlets of a PDU; a C21 takes C20 and C22 plugs."""

    connector: Literal["C13", "C19", "C21", "IEC60309-30", "IEC60309-60"]
    count: Annotated[int, Field(ge=1)]


class Pdu(Ported):
    """A vertical (zero-U) PDU on one feed. usable_watts already carries the derating."""

    kind: Literal["pdu"]
    volts: Annotated[int, Field(gt=0)]
    amps: Annotated[float, Field(gt=0)]
    phases: Literal[1, 3]
    usable_watts: Annotated[int, Field(gt=0)]
    outlets: tuple[Outlets, ...]


CatalogItem = Annotated[
    Server | Switch | Rack | Pdu | Cdu | PowerShelf | Chassis, Field(discriminator="kind")
]
