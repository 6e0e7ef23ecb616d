"""What hardware is: servers, switches, racks, PDUs, with a provenance per fact.

One YAML file per model, `catalog/<vendor>/<model>.yaml`. Units stand in the names.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from colossus.inventory.words import (
    Authored,
    Connector,
    InterfaceName,
    Name,
    Provenance,
    Speed,
)

BMC_PORTS = "bmc"
"""Port group of a server's BMC, always: its ports are not interfaces of the operating system."""

InterfacePattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./{}-]+$")]


class Breakout(Authored):
    """One way to split a cage: lanes × speed, e.g. 2 × 200G on a 400G cage."""

    lanes: Annotated[int, Field(ge=1, le=8)]
    speed: Speed


class PortGroup(Authored):
    """A row of equal ports: a switch's cages, a server's NIC ports, a BMC.

    `interface` is the operating system's name of an unsplit port, `split_interface` of one half
    of a split one; `{cage}` counts from `first_cage`, `{lane}` from 0. NIC groups list their names
    in `interfaces` instead, because slot order is not rail order: entry r is rail r.
    """

    name: Name
    count: Annotated[int, Field(ge=1, le=1024)] = 1
    first_cage: int = 1
    connector: Connector
    speed: Speed
    breakouts: tuple[Breakout, ...] = ()
    interface: InterfacePattern | None = None
    split_interface: InterfacePattern | None = None
    interfaces: tuple[InterfaceName, ...] = ()
    slots: tuple[str, ...] = ()
    numa_nodes: tuple[int, ...] = ()
    rail_order: Literal["by-interface"] | None = None
    cage_watts: Annotated[float, Field(gt=0)] | None = None
    management: bool = False

    @model_validator(mode="after")
    def _names_match_count(self) -> Self:
        if bool(self.interfaces) == bool(self.interface):
            message = f"port group {self.name!r} needs either interface or interfaces"
            raise ValueError(message)
        for what, listed in (
            ("interfaces", self.interfaces),
            ("slots", self.slots),
            ("numa_nodes", self.numa_nodes),
        ):
            if listed and len(listed) != self.count:
                message = (
                    f"port group {self.name!r} has count {self.count} but {len(listed)} {what}"
                )
                raise ValueError(message)
        if self.breakouts and not self.split_interface:
            message = f"port group {self.name!r} can be split, so it needs split_interface"
            raise ValueError(message)
        return self


class Supplies(Authored):
    """Power supplies of one device; each takes one cord. redundancy: how many may be lost."""

    count: Annotated[int, Field(ge=1)]
    watts: Annotated[int, Field(ge=1)]
    redundant: Annotated[int, Field(ge=0)] = 0
    inlet: Literal["C14", "C20", "C22", "IEC60309-30", "busbar"]
    inlet_amps: Annotated[float, Field(gt=0)]


class Power(Authored):
    """What a device draws, in watts; max is what breakers must carry."""

    nominal_watts: Annotated[int, Field(ge=0)]
    max_watts: Annotated[int, Field(ge=0)]
    supplies: Supplies | None = None

    @model_validator(mode="after")
    def _max_is_larger(self) -> Self:
        if self.max_watts < self.nominal_watts:
            message = f"max_watts {self.max_watts} is below nominal_watts {self.nominal_watts}"
            raise ValueError(message)
        return self


class Cooling(Authored):
    """Where the heat goes: captured_fraction of it into liquid, the rest into air."""

    kind: Literal["air", "cold-plate", "liquid"]
    captured_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0


class CatalogBase(Authored):
    """What every catalogue entry has: identity, provenance of the whole and of single facts."""

    vendor: Name
    model: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.+-]*$")]
    description: str
    revision: int = 1
    provenance: Provenance
    facts: dict[str, Provenance] = {}
    sources: tuple[str, ...] = ()
    weight_kg: Annotated[float, Field(ge=0)]


class Mounted(CatalogBase):
    """A device that takes rack units."""

    height_u: Annotated[int, Field(ge=0, le=60)]
    depth_mm: Annotated[int, Field(gt=0)]
    power: Power
    cooling: Cooling = Cooling(kind="air")
    ports: tuple[PortGroup, ...] = ()

    @model_validator(mode="after")
    def _groups_are_distinct(self) -> Self:
        names = [group.name for group in self.ports]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            message = f"port groups named twice: {', '.join(doubled)}"
            raise ValueError(message)
        return self

    def port_group(self, name: str) -> PortGroup | None:
        """Give the port group of that name."""
        return next((group for group in self.ports if group.name == name), None)


class Accelerators(Authored):
    """The accelerators of a server, counted in packages; device_file as gres.conf wants it."""

    model: str
    gres_type: Name
    count: Annotated[int, Field(ge=1)]
    device_files: str = "/dev/nvidia[0-7]"
    numa_nodes: tuple[int, ...] = ()


class Processors(Authored):
    """Sockets, cores and threads, as slurm.conf wants them."""

    sockets: Annotated[int, Field(ge=1)]
    cores_per_socket: Annotated[int, Field(ge=1)]
    threads_per_core: Annotated[int, Field(ge=1)] = 2


class Server(Mounted):
    """A server; memory_gib is what Slurm may give to jobs plus what the system keeps."""

    kind: Literal["server"]
    accelerators: Accelerators | None = None
    processors: Processors
    memory_gib: Annotated[int, Field(ge=1)]
    bmc: Literal["redfish", "idrac", "supermicro", "ipmi", "ibmc", "none"] = "redfish"


class Switch(Mounted):
    """A switch; operating_system names what its playbook must speak."""

    kind: Literal["switch"]
    protocol: Literal["ethernet", "infiniband", "slingshot"] = "ethernet"
    operating_system: Literal["linux", "sonic", "cumulus", "os10", "mlnx-os", "nvos"] = "linux"


class Rack(CatalogBase):
    """An empty rack: U positions, outer size, what it may carry."""

    kind: Literal["rack"]
    units: Annotated[int, Field(ge=1, le=60)]
    width_mm: Annotated[int, Field(gt=0)]
    depth_mm: Annotated[int, Field(gt=0)]
    usable_depth_mm: Annotated[int, Field(gt=0)]
    load_kg: Annotated[float, Field(gt=0)]


class Outlets(Authored):
    """Equal outlets of a PDU."""

    connector: Literal["C13", "C19", "C21", "IEC60309-30"]
    count: Annotated[int, Field(ge=1)]


class Pdu(CatalogBase):
    """A vertical (zero-U) PDU on one feed. usable_watts already carries the derating."""

    kind: Literal["pdu"]
    volts: Annotated[int, Field(gt=0)]
    amps: Annotated[float, Field(gt=0)]
    phases: Literal[1, 3]
    usable_watts: Annotated[int, Field(gt=0)]
    outlets: tuple[Outlets, ...]
    ports: tuple[PortGroup, ...] = ()

    def port_group(self, name: str) -> PortGroup | None:
        """Give the port group of that name."""
        return next((group for group in self.ports if group.name == name), None)


CatalogItem = Annotated[Server | Switch | Rack | Pdu, Field(discriminator="kind")]
