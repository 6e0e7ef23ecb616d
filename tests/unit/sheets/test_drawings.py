"""Drawings are read back as XML: what is drawn is in the fabric, what is folded is counted."""

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from colossus.fabric.model import Fabric
from colossus.sheets.rack_drawing import rack_drawing
from colossus.sheets.topology import SHOWN, topology
from tests.unit.sites import fabric_of

SVG = "{http://www.w3.org/2000/svg}"
EXAMPLES = ("stanford-nlp", "superpod-h100-2su", "frontier", "dojo-exapod", "nvl72-rack")


def parsed(drawing: str) -> Element:
    return fromstring(drawing)  # noqa: S314 — our own drawing, not a stranger's


def texts(drawing: str) -> list[str]:
    return ["".join(text.itertext()) for text in parsed(drawing).iter(f"{SVG}text")]


def boxes(drawing: str) -> Counter[str]:
    """The names in boxes of a topology."""
    middle = (each for each in parsed(drawing).iter(f"{SVG}text") if "middle" in style(each))
    return Counter("".join(each.itertext()) for each in middle)


def style(element: Element) -> str:
    return element.get("class") or ""


def pairs(fabric: Fabric) -> int:
    """Pairs of devices with a link between them, fabric by fabric."""
    device, links = fabric.ports.device, fabric.links
    rows = zip(
        links.fabric.tolist(), device[links.a].tolist(), device[links.z].tolist(), strict=True
    )
    return len(set(rows))


def test_a_small_site_is_drawn_whole() -> None:
    fabric = fabric_of()
    drawing = topology(fabric)
    wires = [each for each in parsed(drawing).iter(f"{SVG}line") if style(each) == "wire"]
    shown = boxes(drawing)
    assert {f"gpu-{n:04d}" for n in range(1, 9)} <= set(shown)
    hidden = pairs(fabric) - len(wires)
    rows = (text for text in texts(drawing) if " × " in text)
    folded = sum(int(text.split(" × ")[1].split()[0].strip(",")) for text in rows) - sum(
        shown.values()
    )
    assert hidden == folded, "each device left out of a row takes its one bundle of wires with it"


@pytest.mark.parametrize("example", EXAMPLES)
def test_drawn_names_exist_and_rows_stay_short(example: str) -> None:
    fabric = fabric_of(example=example)
    drawing = topology(fabric)
    names = {name for name in boxes(drawing) if "…" not in name}
    assert names
    assert names <= set(fabric.devices.names)
    assert len(boxes(drawing)) < SHOWN * 40, "a picture, not a list"


@pytest.mark.parametrize("example", EXAMPLES)
def test_captions_of_the_racks_count_every_rack(example: str) -> None:
    fabric = fabric_of(example=example)
    counted = sum(
        int(found[1].replace(",", ""))
        for text in texts(rack_drawing(fabric))
        if (found := re.match(r"([0-9,]+) racks? · ", text))
    )
    assert counted == len(fabric.racks.names)


def test_a_rack_that_differs_is_drawn_on_its_own() -> None:
    def without_four(site: dict[str, Any]) -> None:
        site["racks"][0]["devices"][0]["at_most"] = 27

    example = "superpod-h100-1su"
    counts = [
        [int(count) for count in re.findall(r"([0-9]+) racks? · compute", rack_drawing(fabric))]
        for fabric in (fabric_of(example=example), fabric_of(without_four, example=example))
    ]
    assert sum(counts[0]) == sum(counts[1])
    assert len(counts[1]) == len(counts[0]) + 1
