"""Example sites for unit tests: loaded, edited in memory, designed, rendered."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from colossus.fabric.design import design
from colossus.fabric.model import Fabric
from colossus.inventory.locks import Lock
from colossus.inventory.playbook import PlaybookFolder
from colossus.inventory.site import Site
from colossus.load.playbooks import load_playbooks
from colossus.load.site import Loaded, load_site
from colossus.plan.resource import Desired
from colossus.render.desired import Overlay, render

ROOT = Path(__file__).resolve().parents[2]
Edit = Callable[[dict[str, Any]], None]


@cache
def loaded(example: str) -> Loaded:
    found = load_site(ROOT / "examples" / example)
    found.accepted()
    return found


@cache
def playbooks(example: str = "stanford-nlp") -> dict[str, PlaybookFolder]:
    return load_playbooks(loaded(example).accepted(), ROOT / "examples" / example)


def edited(example: str, *edits: Edit) -> Site:
    authored = loaded(example).accepted().model_dump(mode="json")
    for edit in edits:
        edit(authored)
    return Site.model_validate(authored)


def fabric_of(
    *edits: Edit, example: str = "stanford-nlp", stage: str | None = None, locked: bool = True
) -> Fabric:
    read = loaded(example)
    lock: Lock | None = read.lock if locked else None
    return design(edited(example, *edits), read.catalog, lock, stage=stage).fabric


def without(*fabrics: str) -> Edit:
    """Give an edit that drops fabrics: what hung on them stays, without cables there."""

    def edit(site: dict[str, Any]) -> None:
        for name in fabrics:
            del site["fabrics"][name]

    return edit


def desired_of(
    *edits: Edit,
    example: str = "stanford-nlp",
    stage: str | None = None,
    overlay: Overlay | None = None,
) -> Desired:
    fabric = fabric_of(*edits, example=example, stage=stage)
    return render(fabric, playbooks(example), overlay=overlay)


def text_of(desired: Desired, target: str, path: str) -> str:
    resources = desired.targets[target].resources
    body = next(each.body for each in resources if each.id == f"file:{path}")
    return desired.blobs[str(body["content"])]


def third_rack(site: dict[str, Any]) -> None:
    """Four more hosts in a rack of their own, with the switch that they need."""
    rack = dict(site["racks"][0])
    rack |= {"names": "a03", "first_position": 3, "stage": None}
    rack["devices"] = [
        {"role": "compute", "u": [1, 7, 13, 19]},
        {"role": "fabric-switch", "u": [40]},
    ]
    site["racks"] = [*site["racks"], rack]
    site["fabrics"]["compute"]["components"] = 2


def third_rack_later(site: dict[str, Any]) -> None:
    """Add the same rack, in a stage of its own."""
    third_rack(site)
    site["stages"] = [*site["stages"], {"name": "second", "date": "2027-01-15"}]
    site["racks"][-1]["stage"] = "second"
