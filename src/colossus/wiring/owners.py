"""Whose an address is: MAC addresses and GUIDs of the asset list joined with what was seen.

Before a host has an operating system, a switch knows only addresses behind its ports. `assets.csv`
says which port of which host has them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.fabric.assets import asset_devices
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import BMC_PORTS
from colossus.inventory.nodeset import fold
from colossus.wiring.observed import Heard, Sighting
from colossus.wiring.ports import port_texts
from colossus.wiring.seen.words import plain_address

Port = tuple[str, str]
"""Device and interface."""
Owners = Mapping[str, Port]
"""Address without separators → whose it is."""


class Identified(NamedTuple):
    """Sightings under the names of the plan, and what could not be told."""

    sightings: list[Sighting]
    findings: list[Diagnostic]


def owners(fabric: Fabric) -> Owners:
    """Give the port of every address that the asset list has."""
    found: dict[str, tuple[str, str]] = {}
    places = asset_devices(fabric)
    bmcs = _bmc_interfaces(fabric, frozenset(places.values()))
    for place, row in places.items():
        asset, device = fabric.assets[place], fabric.devices.names[row]
        for interface, address in (*asset.macs.items(), *asset.guids.items()):
            found[plain_address(address)] = device, interface
        if asset.bmc_mac:
            found[plain_address(asset.bmc_mac)] = device, bmcs.get(row, BMC_PORTS)
    return found


def identify(
    fabric: Fabric, sightings: Sequence[Sighting], heard: Iterable[Heard] = ()
) -> Identified:
    """Name neighbours that were seen by their address only, and make sightings of MAC tables.

    A port behind which addresses of several machines were learned leads to another switch: its
    table says nothing about its plug. An address that no asset has is a stranger.
    """
    learned = sorted(set(heard))
    if not learned and not any(one.address for one in sightings):
        return Identified(list(sightings), [])
    known = owners(fabric)
    findings = [_no_assets()] if learned and not known else []
    named = [_named(fabric, known, one) if one.address else one for one in sightings]
    if not (learned and known):
        return Identified(named, findings)
    # Who told its name over LLDP needs no guess from its address.
    spoken = {(one.device, one.port) for one in named if one.neighbour is not None}
    behind: dict[Port, set[str]] = defaultdict(set)
    for one in learned:
        if (one.device, one.port) not in spoken:
            behind[one.device, one.port].add(one.address)
    plugged, through = _plugged(fabric, known, behind)
    return Identified([*named, *plugged], [*findings, *_passed_through(through)])


def _plugged(
    fabric: Fabric, known: Owners, behind: Mapping[Port, set[str]]
) -> tuple[list[Sighting], dict[str, list[str]]]:
    """Tell ports with one machine behind them from those that lead on to another switch."""
    owned = {port: {known[a] for a in found if a in known} for port, found in behind.items()}
    seats: dict[Port, list[Port]] = defaultdict(list)
    for port, plugs in owned.items():
        for plug in plugs:
            seats[plug].append(port)
    planned = _planned(fabric)
    sightings, through = [], defaultdict(list)
    for port, plugs in owned.items():
        far = next(iter(plugs)) if len(plugs) == 1 else None
        if not plugs and len(behind[port]) == 1:
            sightings.append(Sighting(*port, next(iter(behind[port])), "?"))
        elif far and _nearest(far, seats[far], behind, planned) == port:
            sightings.append(Sighting(*port, *far))
        else:
            through[port[0]].append(port[1])
    return sightings, through


def _nearest(
    plug: Port, seats: Sequence[Port], behind: Mapping[Port, set[str]], planned: Mapping[Port, Port]
) -> Port | None:
    """Give the port that a machine is plugged into, of all behind which it was learned.

    Where fewest addresses are; of equals the planned one, else nobody knows.
    """
    rated = sorted((len(behind[port]), planned.get(plug) != port, port) for port in seats)
    if len(rated) > 1 and rated[0][:2] == rated[1][:2]:
        return None
    return rated[0][2]


def _planned(fabric: Fabric) -> dict[Port, Port]:
    """Give the planned neighbour of every port at the `a` end, where the hosts are."""
    texts, links = port_texts(fabric), fabric.links
    devices, faces = texts.device.tolist(), texts.interface.tolist()
    pairs = zip(links.a.tolist(), links.z.tolist(), strict=True)
    return {(devices[a], faces[a]): (devices[z], faces[z]) for a, z in pairs}


def _named(fabric: Fabric, known: Owners, one: Sighting) -> Sighting:
    """Name a neighbour by its address, unless it gave a name that the plan has."""
    owner = known.get(one.address)
    if owner is None:
        return one
    told = (one.neighbour or "").partition(".")[0].lower()
    if told in fabric.device_index and told != owner[0]:
        return one
    return one._replace(neighbour=owner[0], neighbour_port=owner[1], aka="")


def _bmc_interfaces(fabric: Fabric, rows: frozenset[int]) -> dict[int, str]:
    """Give what the plan calls the BMC port of each device."""
    found: dict[int, str] = {}
    for port, device in enumerate(fabric.ports.device.tolist()):
        if device in rows and fabric.port_row(port).name == BMC_PORTS:
            found[device] = fabric.port(port).interface
    return found


def _no_assets() -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        "observation-no-assets",
        Where(),
        "MAC tables were given, and no address is known: none of them was used",
        "assets.csv beside the site lists the addresses of each machine.",
    )


def _passed_through(through: Mapping[str, Sequence[str]]) -> Iterator[Diagnostic]:
    for device, ports in sorted(through.items()):
        yield Diagnostic(
            Severity.NOTE,
            "observation-many-addresses",
            Where(device),
            f"{device}: several machines lie behind {fold(ports)}, so its MAC table says nothing"
            " of those plugs",
            "Ports to other switches are seen by LLDP.",
        )
