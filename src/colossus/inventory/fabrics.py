"""What the operator says about fabrics: intent, never cables by hand."""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from colossus.inventory.catalog import Breakout
from colossus.inventory.words import Authored, Name, Provenance

Colour = Literal["blue", "yellow", "aqua", "black", "red", "green", "grey", "orange", "violet"]


class Ends(Authored):
    """Which ports of which devices hang on a fabric; they take switch ports in this order."""

    role: Name
    ports: Annotated[tuple[Name, ...], Field(min_length=1)]


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

    Rail r owns the r-th block of `rail_prefix_length` inside `prefix`; host n of the fabric takes
    the n-th /31 of it: the even address at the switch, the odd one at the host.
    """

    kind: Literal["routed"]
    prefix: IPv4Network
    rail_prefix_length: Annotated[int, Field(ge=9, le=30)]
    loopbacks: IPv4Network
    asn_first: Annotated[int, Field(ge=1, le=4_294_967_294)]


Addresses = Annotated[SharedAddresses | RoutedAddresses, Field(discriminator="kind")]


class FabricIntent(Authored):
    """One fabric: which switches carry it, who hangs on it, how ports are split and addressed.

    components: how many separate networks it is meant to be; the check counts and compares.
    topology `none` with `external: true`: the ports leave this model, others cable them.
    """

    topology: Literal["none", "single"]
    protocol: Literal["ethernet", "roce", "infiniband", "slingshot"] = "ethernet"
    external: bool = False
    switch_role: Name | None = None
    switch_ports: Name | None = None
    breakout: Breakout | None = None
    ends: Annotated[tuple[Ends, ...], Field(min_length=1)]
    planes: Annotated[int, Field(ge=1)] = 1
    components: Annotated[int, Field(ge=1)] = 1
    mtu: Annotated[int, Field(ge=1280, le=9216)] = 1500
    reserved: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+:[0-9]+(/[0-9]+)?$")], ...] = ()
    addresses: Addresses | None = None
    colour: Colour = "grey"
    provenance: Provenance | None = None

    @model_validator(mode="after")
    def _switches_where_wired(self) -> Self:
        if self.topology != "none" and not (self.switch_role and self.switch_ports):
            message = f"topology {self.topology} needs switch_role and switch_ports"
            raise ValueError(message)
        return self
