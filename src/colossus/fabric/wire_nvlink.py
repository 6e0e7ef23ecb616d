"""Links of NVLink domains: in every rack, link l of every accelerator goes to switch chip l.

An accelerator's ports and a chip's ports are runs of `ports_per_nic` ports of their groups.
Accelerator g of a rack takes port g of every chip; trays count by their place in the rack. The
rack's cartridge carries these links: nobody pulls a cable (facts: systems.md 5.9).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.columns import Columns, Ports
from colossus.fabric.intent import Wiring
from colossus.fabric.places import places_in_rack
from colossus.fabric.tables import TIERS
from colossus.inventory.catalog import PortGroup
from colossus.inventory.locks import FabricLock
from colossus.inventory.nodeset import fold_short
from colossus.inventory.words import SPEEDS_MBPS

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Side:
    """Trays of one role: rows, racks, places in the rack, and the port group of the domain.

    each: accelerators or chips of a tray; links: ports of one of them.
    """

    rows: Column
    rack: Column
    place: Column
    index: int
    group: PortGroup

    @property
    def links(self) -> int:
        return self.group.ports_per_nic

    @property
    def each(self) -> int:
        return self.group.count // self.links


def wire_nvlink(
    wiring: Wiring,
    code: int,
    columns: Columns,
) -> tuple[FabricLock, list[Diagnostic]]:
    """Wire the domain of every rack; a rack whose trays do not match is a finding."""
    intent = wiring.intent
    end = intent.ends[0]
    trays = _side(wiring, end.role, end.ports[0])
    switches = _side(wiring, wiring.switch_role, intent.switch_ports or "")
    decisions: dict[str, int | str] = {
        "topology": intent.topology,
        "accelerators_per_tray": trays.each,
        "links_per_accelerator": trays.links,
        "chips_per_tray": switches.each,
    }
    findings = [*_impossible(wiring, trays, switches)]
    _connect(trays, switches, code, columns)
    return FabricLock(shape=decisions, slots=()), findings


def _side(wiring: Wiring, role: str, ports: str) -> _Side:
    rows, layout = wiring.devices(role), wiring.layout
    index, group = wiring.groups(wiring.site.roles[role].model, (ports,))[0]
    places = places_in_rack(layout, role, rows)
    found = np.asarray(rows, dtype=np.int64)
    return _Side(found, layout.devices.rack[found].astype(np.int64), places, index, group)


def _connect(trays: _Side, switches: _Side, code: int, columns: Columns) -> None:
    """Link every accelerator to the chips of its rack that exist and have a port for it."""
    link = np.tile(np.arange(trays.group.count), len(trays.rows))
    tray = np.repeat(np.arange(len(trays.rows)), trays.group.count)
    accelerator, chip = np.divmod(link, trays.links)
    gpu = trays.place[tray] * trays.each + accelerator
    place, in_tray = np.divmod(chip, switches.each)
    racks = int(max(trays.rack.max(initial=0), switches.rack.max(initial=0))) + 1
    deepest = int(max(place.max(initial=0), switches.place.max(initial=0))) + 1
    standing = np.full((racks, deepest), -1, dtype=np.int64)
    standing[switches.rack, switches.place] = switches.rows
    z = standing[trays.rack[tray], place]
    there = (z >= 0) & (gpu < switches.links)
    mbps = SPEEDS_MBPS[trays.group.speed], SPEEDS_MBPS[switches.group.speed]
    cage = (in_tray * switches.links + gpu)[there]
    near = Ports(trays.rows[tray][there], trays.index, link[there], -1, mbps[0], -1)
    far = Ports(z[there], switches.index, cage, -1, mbps[1], -1)
    if there.any():
        tier = TIERS.index("gpu-nvswitch")
        columns.links(columns.ports(near), columns.ports(far), code, tier)


def _impossible(wiring: Wiring, trays: _Side, switches: _Side) -> Iterator[Diagnostic]:
    """Say which racks have another number of chips than links, or too few ports on a chip."""
    names = wiring.layout.racks.names
    uneven: dict[int, list[str]] = {}
    crowded: dict[int, list[str]] = {}
    for rack in np.unique(trays.rack).tolist():
        chips = int(np.count_nonzero(switches.rack == rack)) * switches.each
        gpus = int(np.count_nonzero(trays.rack == rack)) * trays.each
        if chips != trays.links:
            uneven.setdefault(chips, []).append(names[rack])
        elif gpus > switches.links:
            crowded.setdefault(gpus, []).append(names[rack])
    for chips, racks in uneven.items():
        yield error(
            "nvlink-impossible",
            wiring.path,
            f"fabric {wiring.name}: {chips} switch chips stand in {fold_short(racks)}, but an"
            f" accelerator has {trays.links} links, one for each chip",
            f"place {-(-trays.links // switches.each)} devices of role {wiring.switch_role} in"
            " each of these racks",
        )
    for gpus, racks in crowded.items():
        yield error(
            "nvlink-impossible",
            wiring.path,
            f"fabric {wiring.name}: {gpus} accelerators stand in {fold_short(racks)}, but a switch"
            f" chip has {switches.links} ports, one for each accelerator",
            f"place at most {switches.links // trays.each} trays in a rack, or choose a switch"
            " with more ports",
        )
