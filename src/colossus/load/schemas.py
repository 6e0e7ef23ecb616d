"""The JSON Schemas of what operators write, for editors."""

from typing import Any

from pydantic import TypeAdapter

from colossus.inventory.catalog import CatalogItem
from colossus.inventory.locks import Lock
from colossus.inventory.parts import Parts
from colossus.inventory.playbook import Playbook
from colossus.inventory.site import Site

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What can be described → the model, and the file it is written in.
_KINDS: dict[str, tuple[TypeAdapter[Any], str]] = {
    "cluster": (TypeAdapter(Site), "cluster.yaml"),
    "catalog": (TypeAdapter(CatalogItem), "catalog/<vendor>/<model>.yaml"),
    "playbook": (TypeAdapter(Playbook), "playbooks/<name>/playbook.yaml"),
    "lock": (TypeAdapter(Lock), "cluster.lock"),
    "parts": (TypeAdapter(Parts), "parts.yaml"),
}


def json_schema(kind: str) -> dict[str, Any]:
    """Give the JSON Schema of one kind of file: cluster, catalog, playbook, lock, parts."""
    adapter, file = _KINDS[kind]
    return {"$schema": _DIALECT, "title": file, **_without_titles(adapter.json_schema())}


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out the titles that pydantic makes of names: editors would show each name twice."""
    kept: dict[str, Any] = {}
    for key, part in schema.items():
        if key == "title" and isinstance(part, str):
            continue
        kept[key] = _untitled(part)
    return kept


def _untitled(part: object) -> object:
    if isinstance(part, dict):
        return _without_titles(part)
    if isinstance(part, list):
        return [_untitled(each) for each in part]
    return part
