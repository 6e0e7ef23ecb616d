"""Assets: which physical machine stands where, its serial number and its MAC addresses.

Apart from intent: a plan needs none of it, DHCP and BMCs do. One line of `assets.csv` per device,
found by rack and U; the device's name only where several stand abreast, or as a second look.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from colossus.inventory.words import Authored, InterfaceName, Name

_SEPARATORS = re.compile(r"[:.-]")
MAC_DIGITS = 12


def _colons(value: object) -> object:
    """Write a MAC the one way: lower case with colons, whatever a label or switch printed."""
    if isinstance(value, str):
        digits = _SEPARATORS.sub("", value).lower()
        if len(digits) == MAC_DIGITS:
            return ":".join(digits[place : place + 2] for place in range(0, MAC_DIGITS, 2))
    return value


Mac = Annotated[
    str, BeforeValidator(_colons), Field(pattern=r"^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$")
]
"""A unicast MAC address, `52:54:00:12:34:56`."""
Guid = Annotated[str, Field(pattern=r"^(0x)?[0-9a-f]{4}:?[0-9a-f]{4}:?[0-9a-f]{4}:?[0-9a-f]{4}$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}$")]


class Asset(Authored):
    """One machine: macs and guids by the interface name that the catalogue gives."""

    rack: Name
    u: Annotated[int, Field(ge=1, le=60)]
    device: Name | None = None
    serial: Word | None = None
    tag: Word | None = None
    bmc_mac: Mac | None = None
    macs: dict[InterfaceName, Mac] = {}
    guids: dict[InterfaceName, Guid] = {}
