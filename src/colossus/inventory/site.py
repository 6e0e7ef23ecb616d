"""What the operator writes down: the site, in one `cluster.yaml`.

Racks by rule and count, never cables by hand. Everything else in Colossus follows from this
model, the catalogue and the lock.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from colossus.inventory.boot import BmcAccess, Boot
from colossus.inventory.fabrics import FabricIntent
from colossus.inventory.hierarchy import Level, Within
from colossus.inventory.nodeset import expand
from colossus.inventory.slurm import Scheduler, Slurm
from colossus.inventory.words import (
    Authored,
    Feed,
    ModelRef,
    Name,
    NamePattern,
    Names,
    NodeSet,
    Provenance,
    SecretRef,
    Status,
)

UPosition = Annotated[int, Field(ge=1, le=60)]
PlugName = Annotated[str, Field(pattern=r"^[a-z0-9-]+:[A-Za-z0-9_./-]+$")]


class Stage(Authored):
    """A dated step of the build; a rack belongs to the stage in which it arrives."""

    name: Name
    date: date


class FeedSupply(Authored):
    """What one electrical feed of a hall can carry, in watts."""

    max_watts: Annotated[int, Field(gt=0)]


class Hall(Authored):
    """A room: rows of racks, feeds, and the geometry that cable lengths come from (metres)."""

    name: Name
    rows: Names
    racks_per_row: Annotated[int, Field(ge=1)] = 24
    feeds: dict[Feed, FeedSupply] = {}
    row_pitch_m: Annotated[float, Field(gt=0)] = 3.6
    tray_height_m: Annotated[float, Field(gt=0)] = 2.7
    exit_rise_m: Annotated[float, Field(ge=0)] = 0.5
    service_slack_m: Annotated[float, Field(ge=0)] = 1.0


class Role(Authored):
    """What a device is for. Hosts of kind `compute` are the cluster's nodes.

    cooling, power, chassis: coolant units, power shelves, enclosures; nobody logs in to them.
    name: the pattern its devices are named by; `{n:04d}` is the ordinal, counted from 1.
    manage: `apply` writes, `render` only renders files, `observe` only reads.
    """

    kind: Literal["compute", "controller", "service", "switch", "cooling", "power", "chassis"]
    model: ModelRef
    name: NamePattern
    playbook: Name | None = None
    manage: Literal["apply", "render", "observe"] = "apply"


class URun(Authored):
    """Equally spaced U positions: `{first: 6, step: 5, count: 8}`."""

    first: UPosition
    step: Annotated[int, Field(ge=1)]
    count: Annotated[int, Field(ge=1, le=60)]


class DeviceRule(Authored):
    """Devices of one role at the same U positions in each rack of the group (or `only` some).

    at_most: no more than so many in each hall of the group, from its first rack on. fill: only as
    many as the role's fabric needs, over all rules that fill. abreast: how many sit side by side
    at each position, as the blades of a chassis do (its U is theirs).
    """

    role: Name
    u: Annotated[tuple[UPosition, ...], Field(min_length=1)] | URun
    abreast: Annotated[int, Field(ge=1, le=64)] = 1
    only: NodeSet | None = None
    at_most: Annotated[int, Field(ge=1)] | None = None
    fill: bool = False
    status: Status | None = None

    @model_validator(mode="after")
    def _abreast_is_whole(self) -> Self:
        if self.abreast > 1 and (self.fill or self.at_most):
            message = "abreast goes with neither at_most nor fill: a chassis is filled as a whole"
            raise ValueError(message)
        return self

    @property
    def levels(self) -> tuple[int, ...]:
        """The U positions, one by one."""
        if isinstance(self.u, URun):
            return tuple(self.u.first + self.u.step * place for place in range(self.u.count))
        return self.u


class RackPdus(Authored):
    """PDUs of each rack: one per feed listed; a feed listed twice gets two."""

    model: ModelRef
    feeds: Annotated[tuple[Feed, ...], Field(min_length=1)]


class RackGroup(Authored):
    """Equal racks, by rule and count: `names: a[01-40]`, in floor order along the row.

    rows instead of row: the racks fill these rows one after the other, `racks_per_row` in each.
    halls instead of hall: the names are dealt to these halls in equal parts, the first part to the
    first hall (`h[1-4]-[001-391]` to `h[1-4]`); stages then names one stage per hall.
    within: the places of a level of the site (pods, arrays) that they fill, hall by hall.
    """

    names: NodeSet
    hall: Name | None = None
    halls: Names | None = None
    row: Name | None = None
    rows: Names | None = None
    first_position: Annotated[int, Field(ge=1)] = 1
    within: Within | None = None
    model: ModelRef
    kind: Literal["compute", "network", "service"]
    status: Status = Status.ACTIVE
    stage: Name | None = None
    stages: Names | None = None
    pdus: RackPdus | None = None
    devices: tuple[DeviceRule, ...] = ()

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if (self.row is None) == (self.rows is None):
            message = "racks need either row or rows"
            raise ValueError(message)
        if (self.hall is None) == (self.halls is None):
            message = "racks need either hall or halls"
            raise ValueError(message)
        racks, halls = len(expand(self.names)), len(self.hall_names)
        if racks % halls:
            message = f"{racks} racks cannot be dealt to {halls} halls in equal parts"
            raise ValueError(message)
        if self.stages and (self.stage or len(self.stages) != halls):
            message = "stages names one stage per hall, and stage is left out then"
            raise ValueError(message)
        return self

    @property
    def hall_names(self) -> tuple[str, ...]:
        """The halls in which they stand."""
        return self.halls or (self.hall or "",)

    @property
    def stage_names(self) -> tuple[str | None, ...]:
        """The stage of the racks in each of these halls."""
        return self.stages or (self.stage,) * len(self.hall_names)

    @property
    def row_names(self) -> tuple[str, ...]:
        """The rows in which they stand."""
        return self.rows or (self.row or "",)


class Override(Authored):
    """What is special about single devices: a status, a serial number; reason is printed."""

    devices: NodeSet
    status: Status | None = None
    serial: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] | None = None
    reason: str


class CableOverride(Authored):
    """A cable that is plugged otherwise than the rules say: what ends at `port` meets `meets`.

    Ports are written `device:interface` or `device:cage/half`. Two overrides make a swap. reason
    is printed.
    """

    port: PlugName
    meets: PlugName
    reason: str


class PowerPhase(Authored):
    """What the site may draw from a date on, until the next phase: grid, generators, all of it."""

    name: str
    since: date
    max_watts: Annotated[int, Field(gt=0)]
    provenance: Provenance = Provenance.ASSUMED


class SitePower(Authored):
    """The supply of the whole site, in time.

    pue: what the site draws for each watt of its devices; 1.2 where nobody measured it.
    """

    pue: Annotated[float, Field(ge=1, le=3)] = 1.2
    phases: Annotated[tuple[PowerPhase, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _phases_follow(self) -> Self:
        dates = [phase.since for phase in self.phases]
        if dates != sorted(set(dates)):
            message = "phases must be listed by date, each later than the one before"
            raise ValueError(message)
        return self


class Load(Authored):
    """Electrical load that stands in no modelled rack (storage, offices); counted in the sums."""

    name: str
    nominal_watts: Annotated[int, Field(ge=0)]
    max_watts: Annotated[int, Field(ge=0)]
    provenance: Provenance


class Access(Authored):
    """How targets are reached over SSH: strict host keys, key authentication only."""

    user: Name = "root"
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    key: SecretRef
    known_hosts: str = "known_hosts"
    become: Literal["none", "sudo"] = "none"
    fabric: Name = "oob"
    management_port: Name = "mgmt"
    concurrency: Annotated[int, Field(ge=1, le=512)] = 32


class Site(Authored):
    """The whole authored model of one cluster.

    levels: what lies between halls and racks, from the outside in.
    """

    cluster: Name
    description: str = ""
    provenance: Provenance = Provenance.ASSUMED
    domain: Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")]
    dns_servers: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    halls: Annotated[tuple[Hall, ...], Field(min_length=1)]
    levels: tuple[Level, ...] = ()
    roles: dict[Name, Role]
    racks: Annotated[tuple[RackGroup, ...], Field(min_length=1)]
    loads: tuple[Load, ...] = ()
    fabrics: dict[Name, FabricIntent] = {}
    slurm: Slurm | None = None
    scheduler: Scheduler | None = None
    boot: Boot | None = None
    bmc: BmcAccess | None = None
    access: Access
    overrides: tuple[Override, ...] = ()
    cable_overrides: tuple[CableOverride, ...] = ()
    power: SitePower | None = None

    @model_validator(mode="after")
    def _one_scheduler(self) -> Self:
        if self.slurm and self.scheduler:
            message = "slurm is the scheduler, or scheduler says which other: not both"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _levels_nest(self) -> Self:
        for level in self.levels[1:]:
            if level.each is None:
                message = f"level {level.name!r} lies within another: say how many in `each`"
                raise ValueError(message)
        return self
