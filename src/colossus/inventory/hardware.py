"""What every piece of hardware has: identity, provenance per fact, power, cooling, size.

Units stand in the names. Assumed values for what no source gives are those of the project's fact
sheets; each file of the catalogue says which of its facts they are.
"""

from collections.abc import Iterable
from math import sqrt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from colossus.inventory.ports import PortGroup
from colossus.inventory.words import Authored, ModelRef, Name, Provenance

INLET_VOLTS = 240


_CERTAINTY = (Provenance.PUBLIC, Provenance.INFERRED, Provenance.ASSUMED)
Protocol = Literal["redfish", "snmp", "rest"]


def weakest(found: Iterable[Provenance]) -> Provenance:
    """Give the least sure of several facts; public for none. A verdict is no surer than that."""
    return max(found, key=_CERTAINTY.index, default=Provenance.PUBLIC)


class Supplies(Authored):
    """Power supplies of one device; each takes one cord. redundant: how many may be lost.

    volts and phases are those at the inlet: a wall phase, a three-phase cord, or a DC busbar.
    """

    count: Annotated[int, Field(ge=1)]
    watts: Annotated[int, Field(ge=1)]
    redundant: Annotated[int, Field(ge=0)] = 0
    inlet: Literal["C14", "C20", "C22", "IEC60309-30", "IEC60309-60", "busbar"]
    inlet_amps: Annotated[float, Field(gt=0)]
    volts: Annotated[int, Field(gt=0)] = INLET_VOLTS
    phases: Literal[1, 3] = 1

    @property
    def inlet_watts(self) -> float:
        """What one inlet passes, in watts."""
        return self.inlet_amps * self.volts * (sqrt(3) if self.phases > 1 else 1.0)

    @property
    def fits_inlet(self) -> bool:
        """Whether a supply at full load stays below what its inlet passes."""
        return self.watts <= self.inlet_watts


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
    """Where the heat goes: captured_fraction of it into liquid, the rest into air.

    flow_lpm_per_kw: coolant in litres a minute per kW of captured heat, where known.
    hoses: hoses that a person connects; 0 where the coolant couples blind.
    """

    kind: Literal["air", "cold-plate", "liquid"]
    captured_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    flow_lpm_per_kw: Annotated[float, Field(gt=0)] | None = None
    hoses: Annotated[int, Field(ge=0)] = 0


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

    def provenance_of(self, fact: str) -> Provenance:
        """Say how sure a fact is: `power.max_watts`, else `power`, else the whole entry."""
        while fact and fact not in self.facts:
            fact = fact.rpartition(".")[0]
        return self.facts.get(fact, self.provenance)


class Ported(CatalogBase):
    """Hardware with ports. management: what its controller speaks (of a server: see `bmc`)."""

    ports: tuple[PortGroup, ...] = ()
    management: tuple[Protocol, ...] = ()

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


class Mounted(Ported):
    """A device that takes rack units, or sits in the slot of a chassis that does.

    slot_of: the chassis; such a device has height_u 0. per_slot: how many share one slot (two
    nodes of a blade); weight and power are those of one.
    """

    height_u: Annotated[int, Field(ge=0, le=60)]
    depth_mm: Annotated[int, Field(gt=0)]
    power: Power
    cooling: Cooling = Cooling(kind="air")
    slot_of: ModelRef | None = None
    per_slot: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _either_units_or_slot(self) -> Self:
        if self.slot_of and self.height_u:
            message = "a device in a slot takes no rack units: height_u must be 0"
            raise ValueError(message)
        return self
