"""The master cable list: one row per cable, one per leg of a splitter, ready for paper and CSV.

Columns and their meaning: the outside contract, section Cables. A value nobody knows yet is an
empty text, never a guess: part numbers, who installed a cable and when.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.location import seats
from colossus.fabric.model import Fabric, speed_word
from colossus.fabric.optics import bought
from colossus.fabric.tables import BUILT_IN, COOLANT, MEDIA, POWER, STATUSES, Index
from colossus.inventory.catalog import Pdu
from colossus.wiring.ports import PortTexts, Texts, port_texts, texts
from colossus.wiring.pulls import Pulls, pulls

END_COLUMNS = (
    "hall",
    "row",
    "rack",
    "u",
    "face",
    "device",
    "model",
    "slot",
    "port",
    "connector",
    "interface",
)
COLUMNS = (
    *("cable_id", "status", "rev", "fabric", "rail", "plane", "speed", "medium"),
    *(f"a_{column}" for column in END_COLUMNS),
    *(f"z_{column}" for column in END_COLUMNS),
    *("polarity", "optic_pn_a", "optic_pn_z", "cable_pn", "length_route_m", "length_order_m"),
    *("colour", "path", "bundle_id", "bundle_seq", "pull_seq", "label_a", "label_z"),
    *("installed_by", "installed_at", "verified_at", "note"),
)
# Parallel fibre is wired crossed (facts/wiring.md 4.5: "crossover (type B) fibre"); what a duplex
# strand needs depends on the patch panels, which the model does not know.
_POLARITY = {"MMF": "B", "SMF-DR": "B"}
_REVISION_LENGTH = 12
FEED_COLOURS = ("red", "blue")
COOLANT_COLOURS = ("blue", "red")
"""Cords of feed A and B; hoses of supply and return. Nobody relies on them: labels say it, too."""


@dataclass(frozen=True)
class CableRows:
    """The cable list by column, in floor order. link: row of `Fabric.links` behind each row."""

    columns: dict[str, Texts]
    link: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.link)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Give row by row, in the order of COLUMNS."""
        return zip(*(self.columns[name].tolist() for name in COLUMNS), strict=True)


def cable_rows(fabric: Fabric) -> CableRows:
    """List every cable in floor order: by rack, U from the top, port; never by id.

    A cable is found at its `a` end, the one nearer the host. What came with its rack is no cable.
    """
    ports, pull = port_texts(fabric), pulls(fabric)
    order = floor_order(fabric, fabric.links.a, ports)
    order = order[fabric.cables.medium[fabric.links.cable[order]] != MEDIA.index(BUILT_IN)]
    links = fabric.links
    columns = _common(fabric, pull)
    columns |= {f"a_{name}": column for name, column in _end(fabric, links.a, ports).items()}
    columns |= {f"z_{name}": column for name, column in _end(fabric, links.z, ports).items()}
    near, far = locations(fabric, links.a, ports), locations(fabric, links.z, ports)
    columns["label_a"], columns["label_z"] = near + "/" + far, far + "/" + near
    empty = texts([""] * len(links.a))
    # Taken out one by one, so that no two of the large columns are there twice.
    return CableRows({name: columns.pop(name, empty)[order] for name in COLUMNS}, order)


def floor_order(fabric: Fabric, ends: Index, ports: PortTexts) -> NDArray[np.int64]:
    """Sort ports as a technician meets them: rack, U from the top, device, port."""
    device = fabric.ports.device[ends]
    rack, u = fabric.devices.rack[device], fabric.devices.u[device]
    return np.lexsort((ports.order[ends], device, -u, rack))


def locations(fabric: Fabric, ends: Index, ports: PortTexts) -> Texts:
    """Write where a plug goes, for labels: `dh1.a01-40:7.2`; a zero-U device or blade by its name.

    TIA-606 style (facts/wiring.md 4.3): location and cabinet, U, port. The hall is always part of
    it, because a label must not change when the site gets a second hall.
    """
    devices, racks = fabric.devices, fabric.racks
    hall = texts(fabric.halls)[racks.hall]
    rack_places = hall + "." + texts(racks.names)
    flat = np.asarray([not getattr(fabric.catalog[m], "height_u", 0) for m in fabric.models])
    levels = np.where(flat[devices.model], 0, devices.u).tolist()
    mounted = [f"{u:02d}" if u else name for u, name in zip(levels, devices.names, strict=True)]
    places: Texts = rack_places[devices.rack] + "-" + texts(mounted) + ":"
    located: Texts = places[fabric.ports.device[ends]] + ports.label[ends]
    return located


def _common(fabric: Fabric, pull: Pulls) -> dict[str, Texts]:
    """Columns that belong to the cable and not to one of its ends."""
    links, cables = fabric.links, fabric.cables
    cable, count = links.cable, len(links.cable)
    medium = cables.medium[cable]
    chosen = bought(fabric, fabric.parts)
    speed = np.minimum(fabric.ports.speed[links.a], fabric.ports.speed[links.z])
    return {
        "cable_id": texts(cables.ids)[cable],
        "status": texts(STATUSES)[cables.status[cable]],
        "rev": texts([fabric.digest[:_REVISION_LENGTH]] * count),
        "fabric": texts(fabric.fabrics)[links.fabric],
        "rail": numbers(links.rail),
        "plane": numbers(links.plane),
        "speed": _speeds(speed),
        "medium": texts(MEDIA)[medium],
        "polarity": texts([_POLARITY.get(name, "") for name in MEDIA])[medium],
        "length_route_m": metres(cables.route_m)[cable],
        "length_order_m": metres(cables.order_m)[cable],
        "colour": colours(fabric),
        "path": pull.path,
        "bundle_id": pull.bundle,
        "bundle_seq": numbers(pull.bundle_seq),
        "pull_seq": numbers(pull.pull_seq),
        "optic_pn_a": _optics(fabric, chosen.optic_a),
        "optic_pn_z": _optics(fabric, chosen.optic_z),
        "cable_pn": chosen.cable,
    }


def _optics(fabric: Fabric, chosen: Index) -> Texts:
    """Write the part numbers of optics; what no list holds has none."""
    known: Texts = texts([*(optic.part_number for optic in fabric.parts.optics), ""])[chosen]
    return known


def _end(fabric: Fabric, ends: Index, ports: PortTexts) -> dict[str, Texts]:
    """Columns of one end, without their `a_` or `z_`. slot: of a card, or of a blade."""
    devices, racks = fabric.devices, fabric.racks
    device = fabric.ports.device[ends]
    rack = devices.rack[device]
    models = [fabric.catalog[model] for model in fabric.models]
    names = [model.model for model in models]
    zero_u = np.array([isinstance(model, Pdu) for model in models], dtype=np.bool_)
    u = np.where(zero_u[devices.model], -1, devices.u)
    return {
        "hall": texts(fabric.halls)[racks.hall[rack]],
        "row": texts(fabric.rows)[racks.row[rack]],
        "rack": texts(racks.names)[rack],
        "u": numbers(np.where(u > 0, u, -1).astype(np.int32)[device]),
        "face": ports.face[ends],
        "device": texts(devices.names)[device],
        "model": texts(names)[devices.model[device]],
        "slot": _slots(fabric, device, ports.slot[ends]),
        "port": ports.port[ends],
        "connector": ports.connector[ends],
        "interface": ports.interface[ends],
    }


def _slots(fabric: Fabric, device: Index, cards: Texts) -> Texts:
    """Say in which slot a card sits, or else a blade."""
    seated = seats(fabric)
    return np.where(cards == "", texts(seated)[device], cards) if seated else cards


def colours(fabric: Fabric) -> Texts:
    """Give the colour of every link: its fabric's, its feed's, or that of supply and return."""
    links = fabric.links
    found: Texts = texts([_colour(fabric, name) for name in fabric.fabrics])[links.fabric]
    for name, column, coded in (
        (POWER, links.plane, FEED_COLOURS),
        (COOLANT, fabric.ports.cage[links.z] % len(COOLANT_COLOURS), COOLANT_COLOURS),
    ):
        if name in fabric.fabrics:
            mine = links.fabric == fabric.fabrics.index(name)
            found[mine] = texts(coded)[column[mine]]
    return found


def _colour(fabric: Fabric, name: str) -> str:
    intent = fabric.site.fabrics.get(name)
    return str(intent.colour) if intent else ""


def numbers(values: Index) -> Texts:
    """Write whole numbers; what is below 0 means none and stays empty."""
    if not len(values):
        return texts([])
    highest = max(int(values.max()), -1)
    words = texts([*(str(value) for value in range(highest + 1)), ""])
    return words[np.where(values < 0, highest + 1, values)]


def metres(values: NDArray[np.float32]) -> Texts:
    """Write lengths to the centimetre; 0 or not a number means unknown and stays empty."""
    distinct, place = np.unique(values, return_inverse=True)
    words = [f"{value:.2f}".rstrip("0").rstrip(".") if value > 0 else "" for value in distinct]
    return texts(words)[place]


def _speeds(values: NDArray[np.int32]) -> Texts:
    distinct, place = np.unique(values, return_inverse=True)
    return texts([speed_word(int(value)) for value in distinct])[place]
