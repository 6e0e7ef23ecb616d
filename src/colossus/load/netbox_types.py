"""A NetBox device-type record as it is written, and what its words mean here.

Only what can be converted is read; NetBox's other keys are its own business. Sources: the
device-type library's schema and its interface and power-port choices.
"""

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from colossus.inventory.hardware import INLET_VOLTS


class Plug(NamedTuple):
    """What an interface type means: connector and speed of one port."""

    connector: str
    speed: str


class Inlet(NamedTuple):
    """An inlet: our word for it, its amperes by IEC and the most that any rule book allows."""

    word: str
    amps: float
    most_amps: float

    @property
    def iec_watts(self) -> float:
        """What it passes by IEC, in watts."""
        return self.amps * INLET_VOLTS

    @property
    def most_watts(self) -> float:
        """What it passes at best, in watts."""
        return self.most_amps * INLET_VOLTS


INTERFACE_TYPES = {
    "100base-tx": Plug("RJ45", "100M"),
    "1000base-t": Plug("RJ45", "1G"),
    "1000base-x-sfp": Plug("SFP", "1G"),
    "10gbase-t": Plug("RJ45", "10G"),
    "10gbase-x-sfpp": Plug("SFP", "10G"),
    "25gbase-x-sfp28": Plug("SFP28", "25G"),
    "40gbase-x-qsfpp": Plug("QSFP28", "40G"),
    "50gbase-x-sfp56": Plug("SFP56", "50G"),
    "50gbase-x-sfp28": Plug("SFP28", "50G"),
    "100gbase-x-qsfp28": Plug("QSFP28", "100G"),
    "100gbase-x-qsfpdd": Plug("QSFP-DD", "100G"),
    "200gbase-x-qsfp56": Plug("QSFP56", "200G"),
    "200gbase-x-qsfp112": Plug("QSFP112", "200G"),
    "200gbase-x-qsfpdd": Plug("QSFP-DD", "200G"),
    "400gbase-x-qsfp112": Plug("QSFP112", "400G"),
    "400gbase-x-qsfpdd": Plug("QSFP-DD", "400G"),
    "400gbase-x-osfp": Plug("OSFP", "400G"),
    "400gbase-x-osfp-rhs": Plug("OSFP-RHS", "400G"),
    "800gbase-x-qsfpdd": Plug("QSFP-DD", "800G"),
    "800gbase-x-osfp": Plug("OSFP", "800G"),
    "infiniband-edr": Plug("QSFP28", "100G"),
    "infiniband-hdr": Plug("QSFP56", "200G"),
    "infiniband-ndr": Plug("OSFP", "400G"),
    "infiniband-xdr": Plug("OSFP", "800G"),
}
NOT_PORTS = ("virtual", "bridge", "lag")
INLETS = {
    "iec-60320-c14": Inlet("C14", 10, 15),
    "iec-60320-c20": Inlet("C20", 16, 20),
    "iec-60320-c22": Inlet("C22", 16, 20),
}
_KG = {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "oz": 0.028349523125}


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, allow_inf_nan=False
    )


# NetBox's own bound on names.
Label = Annotated[str, Field(max_length=64)]
Positive = Annotated[float, Field(ge=0, le=1_000_000)]


class NetboxInterface(_Part):
    """One interface of a record."""

    name: Label
    type: str
    mgmt_only: bool = False


class NetboxPowerPort(_Part):
    """One power port of a record; draws in watts."""

    name: Label
    type: str | None = None
    maximum_draw: Positive | None = None
    allocated_draw: Positive | None = None


class NetboxBay(_Part):
    """A bay for a module: a supply, a fan, a line card, a NIC."""

    name: Label


class NetboxRecord(_Part):
    """One device type; u_height may be halves of a unit, weight is in weight_unit."""

    manufacturer: Label
    model: Label
    u_height: Positive = 1
    is_full_depth: bool = True
    weight: Positive | None = None
    weight_unit: Literal["kg", "g", "lb", "oz"] = "kg"
    interfaces: tuple[NetboxInterface, ...] = ()
    power_ports: tuple[NetboxPowerPort, ...] = Field((), alias="power-ports")
    power_outlets: tuple[NetboxBay, ...] = Field((), alias="power-outlets")
    module_bays: tuple[NetboxBay, ...] = Field((), alias="module-bays")

    @property
    def weight_kg(self) -> float | None:
        """Give the weight in kilograms, to 10 g."""
        return None if self.weight is None else round(self.weight * _KG[self.weight_unit], 2)
