"""The small vocabulary that all models share: names, speeds, provenance, status.

Names are restricted by pattern here, once, so that everything built from them (host names,
file names, shell words) is safe by construction.
"""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from colossus.inventory.nodeset import NodeSetError, expand

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
_NAME = re.compile(NAME_PATTERN)
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
ModelRef = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.+-]*$")]
InterfaceName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,14}$")]
NamePattern = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9-]*(\{n(:0\d{1,2}d)?\}([a-z0-9-]*[a-z0-9])?)?$"),
]
SecretRef = Annotated[str, Field(pattern=r"^(env|file|age|sops|vault|keyring):\S+$")]
SPEEDS_MBPS = {
    "10M": 10,
    "100M": 100,
    "1G": 1_000,
    "10G": 10_000,
    "25G": 25_000,
    "40G": 40_000,
    "50G": 50_000,
    "100G": 100_000,
    "200G": 200_000,
    "400G": 400_000,
    "800G": 800_000,
    "1600G": 1_600_000,
    "7200G": 7_200_000,
    "72000G": 72_000_000,
}
Speed = Literal[
    "10M",
    "100M",
    "1G",
    "10G",
    "25G",
    "40G",
    "50G",
    "100G",
    "200G",
    "400G",
    "800G",
    "1600G",
    "7200G",
    "72000G",
]
Connector = Literal[
    "RJ45",
    "SFP",
    "SFP28",
    "SFP56",
    "QSFP28",
    "QSFP56",
    "QSFP112",
    "QSFP-DD",
    "OSFP",
    "OSFP-IHS",
    "OSFP-RHS",
    "OSFP112",
    "MPO",
    "BACKPLANE",
    "TILE-EDGE",
]
Feed = Literal["A", "B"]


class Provenance(StrEnum):
    """How sure a fact is: published, derived from published facts, or an engineering choice."""

    PUBLIC = "public"
    INFERRED = "inferred"
    ASSUMED = "assumed"


class Status(StrEnum):
    """Where an object is in its life; the words are NetBox's."""

    PLANNED = "planned"
    STAGED = "staged"
    ACTIVE = "active"
    FAILED = "failed"
    OFFLINE = "offline"
    DECOMMISSIONING = "decommissioning"


def _expandable(folded: str) -> str:
    try:
        names = expand(folded)
    except NodeSetError as problem:
        raise ValueError(str(problem)) from problem
    for name in names:
        if not _NAME.fullmatch(name):
            message = f"{name!r} in {folded!r} is no name: lower-case letters, digits, inner dashes"
            raise ValueError(message)
    return folded


NodeSet = Annotated[
    str,
    Field(min_length=1, pattern=r"^[a-z0-9,\[\] -]+$"),
    AfterValidator(_expandable),
]


def _unfolded(value: object) -> object:
    return expand(value) if isinstance(value, str) else value


Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_unfolded, json_schema_input_type=str | tuple[str, ...]),
    Field(min_length=1),
]
"""A list of names, or a folded set of them: `row-[01-17]`."""


class Authored(BaseModel):
    """What every authored block has in common: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")
