"""What the operator says about fabrics: intent, never cables by hand."""

import re
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from colossus.inventory.catalog import Breakout
from colossus.inventory.topologies import Dragonfly, Mesh
from colossus.inventory.words import Authored, Name, Provenance, Speed

Colour = Literal["blue", "yellow", "aqua", "black", "red", "green", "grey", "orange", "violet"]

RESERVED_PORT = re.compile(r"[a-z0-9-]+:[0-9]+(/[0-9]+)?")
"""`switch:cage` or `switch:cage/half`."""


class Ends(Authored):
    """Which ports of which devices hang on a fabric; they take switch ports in this order.

    per_rack: how many such devices a rack may hold; wanted where the fabric goes by racks. speed:
    at which the ports run, where the switches are slower than they could be.
    """

    role: Name
    ports: Annotated[tuple[Name, ...], Field(min_length=1)]
    per_rack: Annotated[int, Field(ge=1, le=60)] | None = None
    speed: Speed | None = None


class AddressRange(Authored):
    """One consecutive run of addresses: device n of the role gets first + n × step."""

    role: Name
    port: Name
    first: IPv4Address
    step: Annotated[int, Field(ge=1)] = 1


class SharedAddresses(Authored):
    """One shared subnet (a management network): every port's address from a range by ordinal."""

    kind: Literal["shared"]
    prefix: IPv4Network
    gateway: IPv4Address | None = None
    ranges: tuple[AddressRange, ...] = ()


class RoutedAddresses(Authored):
    """A routed fabric: a /31 per host link, one block per rail, loopbacks for the switches.

    Port p of a host, in rail order, owns the p-th block of `rail_prefix_length` inside `prefix`;
    host n of the fabric takes the n-th /31 of it: even at the switch, odd at the host. Where a NIC
    has one port, p is the rail.
    """

    kind: Literal["routed"]
    prefix: IPv4Network
    rail_prefix_length: Annotated[int, Field(ge=9, le=30)]
    loopbacks: IPv4Network
    asn_first: Annotated[int, Field(ge=1, le=4_294_967_294)]


class RackAddresses(Authored):
    """A fabric by racks that routes: each rack's switch is the gateway of a block of its own.

    The n-th switch of the racks has the n-th block of `rack_prefix_length`: its first address is
    the switch's, port p of it has the one p places on. Switches are numbered by their loopbacks.
    """

    kind: Literal["by-rack"]
    prefix: IPv4Network
    rack_prefix_length: Annotated[int, Field(ge=9, le=29)]
    loopbacks: IPv4Network
    asn_first: Annotated[int, Field(ge=1, le=4_294_967_294)]


Addresses = Annotated[
    SharedAddresses | RoutedAddresses | RackAddresses,
    Field(discriminator="kind"),
]


class Tier(Authored):
    """The switches of one tier, and how their cages are split towards hosts and towards the core.

    ports: the port group that carries the fabric. up is not used in the highest tier.
    """

    role: Name
    ports: Name
    down: Breakout | None = None
    up: Breakout | None = None


class Tiers(Authored):
    """The tiers of a Clos fabric; core only where it has three."""

    leaf: Tier
    spine: Tier
    core: Tier | None = None


class Pins(Authored):
    """Numbers of a published or stated shape; what is not pinned the planner chooses.

    Uplinks are ports of one switch; spines per pod and cores per group count per plane.
    """

    leaf_uplinks: Annotated[int, Field(ge=1)] | None = None
    units_per_pod: Annotated[int, Field(ge=1)] | None = None
    spines_per_pod: Annotated[int, Field(ge=1)] | None = None
    spine_uplinks: Annotated[int, Field(ge=1)] | None = None
    core_groups: Annotated[int, Field(ge=1)] | None = None
    cores_per_group: Annotated[int, Field(ge=1)] | None = None


class Clos(Authored):
    """A Clos fabric: units of hosts under their leaves, pods of units, spines, groups of cores.

    rail_optimised: each port of a host goes to a leaf of its own; else one leaf takes the unit.
    unit_within: what holds a unit as a whole: the site, a hall, or a level of the site's own.
    grow_to: hosts that shape and ports are planned for from the start. prewire: cables of hosts
    that are planned are pulled with their leaf, as vendors advise for a whole unit; their ends
    wait, coiled, where the hosts will be.
    """

    tiers: Tiers
    hosts_per_unit: Annotated[int, Field(ge=1)]
    rail_optimised: bool = True
    unit_within: Name = "site"
    grow_to: Annotated[int, Field(ge=1)] | None = None
    prewire: bool = False
    pins: Pins = Pins()


class Access(Authored):
    """The switch of each rack: where its rack's devices plug in, and its ports upwards."""

    role: Name
    ports: Name
    uplink_ports: Name | None = None


class Aggregation(Authored):
    """Pairs of switches above the racks' switches; each of these has a link to both of its pair."""

    role: Name
    ports: Name
    down: Breakout | None = None


class Joint(Authored):
    """The pair of switches that joins all aggregation switches: one link from each to both."""

    role: Name
    ports: Name


class ByRack(Authored):
    """A fabric that goes by racks (out of band): each device plugs into its own rack's switch.

    A device's ports follow from its place in its rack's rule, so that nothing in a rack ever
    moves; `per_rack` of the ends says how many ports to keep. core: the last two cages of each
    aggregation switch lead there.
    """

    access: Access
    aggregation: Aggregation | None = None
    core: Joint | None = None

    @property
    def topology(self) -> str:
        """What a fabric of these tiers is."""
        if self.core:
            return "clos3"
        return "clos2" if self.aggregation else "single"


class FabricIntent(Authored):
    """One fabric: which switches carry it, who hangs on it, how ports are split and addressed.

    components: how many separate networks it is meant to be, as many as planes unless said; the
    check counts and compares. oversubscription: the ratio down / up that a tier may have, 1 unless
    said. ports_per_switch: a single tier may have a part of each switch's ports, from the first
    on; the others are another fabric's. services: ports of fabric managers and the like, which
    take host places at the leaves.
    nic_ports_apart: whether the ports of one NIC may share a leaf, or a plane, of a Clos fabric.
    reserved: ports that no cable gets, `switch:cage` or `switch:cage/half` as printed; the switch
    is a device, or a role for each of its devices. Only in fabrics of topology single and Clos.
    lmc: LID mask control of an InfiniBand subnet; every port has 2^lmc LIDs.
    topology nvlink: link l of every accelerator of a rack goes to chip l of the switches there.
    topology `none` with `external: true`: the ports leave this model, others cable them.
    """

    topology: Literal["none", "single", "clos2", "clos3", "dragonfly", "mesh", "nvlink"]
    protocol: Literal["ethernet", "roce", "infiniband", "slingshot", "nvlink", "tile"] = "ethernet"
    external: bool = False
    switch_role: Name | None = None
    switch_ports: Name | None = None
    ports_per_switch: Annotated[int, Field(ge=1)] | None = None
    clos: Clos | None = None
    dragonfly: Dragonfly | None = None
    mesh: Mesh | None = None
    by_rack: ByRack | None = None
    services: tuple[Ends, ...] = ()
    breakout: Breakout | None = None
    ends: Annotated[tuple[Ends, ...], Field(min_length=1)]
    planes: Annotated[int, Field(ge=1)] = 1
    components: Annotated[int, Field(ge=1)] | None = None
    oversubscription: dict[Literal["leaf", "spine", "global"], Annotated[float, Field(ge=1)]] = {}
    nic_ports_apart: Literal["leaf", "plane"] | None = None
    lmc: Annotated[int, Field(ge=0, le=7)] = 0
    mtu: Annotated[int, Field(ge=1280, le=9216)] = 1500
    reserved: tuple[Annotated[str, Field(pattern=f"^{RESERVED_PORT.pattern}$")], ...] = ()
    addresses: Addresses | None = None
    colour: Colour = "grey"
    provenance: Provenance | None = None

    @model_validator(mode="after")
    def _reserved_where_honoured(self) -> Self:
        if self.reserved and not self.reserves:
            message = (
                "only a fabric of topology single or with a clos block can have reserved ports"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _switches_where_wired(self) -> Self:
        if isinstance(self.addresses, RackAddresses) and not self.by_rack:
            message = "addresses of kind by-rack belong to a fabric by racks"
            raise ValueError(message)
        if self.by_rack:
            return self._whole_by_rack(self.by_rack)
        if self.topology in ("single", "nvlink") and not (self.switch_role and self.switch_ports):
            message = f"topology {self.topology} needs switch_role and switch_ports"
            raise ValueError(message)
        for topology in ("dragonfly", "mesh"):
            if (self.topology == topology) != (getattr(self, topology) is not None):
                message = f"topology {topology} needs a {topology} block, and only it has one"
                raise ValueError(message)
        if self.topology.startswith("clos") != (self.clos is not None):
            message = "topology clos2 and clos3 need a clos block, and only they have one"
            raise ValueError(message)
        if self.clos and (self.topology == "clos3") != (self.clos.tiers.core is not None):
            message = "a core tier belongs to topology clos3, and only to it"
            raise ValueError(message)
        return self

    def _whole_by_rack(self, by_rack: ByRack) -> Self:
        wanted = by_rack.topology
        if self.topology != wanted or self.clos or self.switch_role:
            message = f"a fabric by racks is of topology {wanted} and names its switches in by_rack"
            raise ValueError(message)
        if any(end.per_rack is None for end in self.ends):
            message = "the ends of a fabric by racks need per_rack"
            raise ValueError(message)
        if by_rack.aggregation and not by_rack.access.uplink_ports:
            message = "by_rack.access needs uplink_ports where there is an aggregation"
            raise ValueError(message)
        if by_rack.core and not by_rack.aggregation:
            message = "by_rack.core joins aggregation switches: name them too"
            raise ValueError(message)
        return self

    @property
    def reserves(self) -> bool:
        """Whether its planner skips reserved ports."""
        return not self.by_rack and (self.clos is not None or self.topology == "single")

    @property
    def networks(self) -> int:
        """How many separate networks it is meant to be."""
        return self.components or self.planes

    @property
    def switch_roles(self) -> tuple[str, ...]:
        """Roles of all switches that carry the fabric, lowest tier first."""
        if self.clos:
            tiers = (self.clos.tiers.leaf, self.clos.tiers.spine, self.clos.tiers.core)
            return tuple(tier.role for tier in tiers if tier)
        if self.dragonfly:
            return tuple(dict.fromkeys(switch.role for switch in self.dragonfly.switches))
        if self.by_rack:
            above = (self.by_rack.aggregation, self.by_rack.core)
            return (self.by_rack.access.role, *(tier.role for tier in above if tier))
        return (self.switch_role,) if self.switch_role else ()
