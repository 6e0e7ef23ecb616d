"""Designs of edited examples, and what of a design an operator would call 'moved'."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from colossus.fabric.design import Design, design
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import CatalogItem
from colossus.inventory.locks import Lock
from colossus.inventory.site import Site
from colossus.load.site import load_site

ROOT = Path(__file__).resolve().parents[3]
Edit = Callable[[dict[str, Any]], None]


@cache
def catalog() -> Mapping[str, CatalogItem]:
    """The catalogue of both examples."""
    examples = [ROOT / "examples" / name for name in ("stanford-nlp", "grok1-node")]
    return {key: item for each in examples for key, item in load_site(each).catalog.items()}


def unchanged(_: dict[str, Any]) -> None:
    """The example as it is."""


@cache
def authored(example: str) -> dict[str, Any]:
    """Give an example's YAML as it stands."""
    text = (ROOT / "examples" / example / "cluster.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def site(edit: Edit = unchanged, example: str = "stanford-nlp") -> Site:
    """Give an example's site after an edit of its YAML."""
    document = deepcopy(authored(example))
    edit(document)
    return Site.model_validate(document)


def designed(edit: Edit = unchanged, lock: Lock | None = None, **others: str) -> Design:
    """Design an edited example; others: `stage`, `example`."""
    chosen = site(edit, others.get("example", "stanford-nlp"))
    return design(chosen, dict(catalog()), lock, stage=others.get("stage"))


def names(fabric: Fabric) -> dict[tuple[str, str, int], str]:
    """Role, rack and U (PDUs: their own name) → device name."""
    views = [fabric.device(row) for row in range(len(fabric.devices.names))]
    return {(v.role, v.rack if v.u else v.name, v.u): v.name for v in views}


def cabling(fabric: Fabric) -> dict[str, tuple[str, str]]:
    """Port at the host's end → port at the switch's end and cable id."""
    links = [fabric.link(row) for row in range(len(fabric.links.a))]
    return {f"{v.fabric} {v.a}": (str(v.z), v.cable_id) for v in links}


def addressing(fabric: Fabric) -> dict[str, str]:
    """Fabric, device and port → address."""
    views = [fabric.address(row) for row in range(len(fabric.addresses.address))]
    return {f"{v.fabric} {v.device}:{v.interface}": v.cidr for v in views}


def decisions(fabric: Fabric) -> dict[object, object]:
    """Everything that must not move, by what it belongs to."""
    parts = (names(fabric).items(), cabling(fabric).items(), addressing(fabric).items())
    return {key: value for part in parts for key, value in part}
