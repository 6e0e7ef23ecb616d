"""What the floor reported, kept beside the site in `cabling.json`: read, and written whole."""

import json
from pathlib import Path

from colossus.errors import InventoryRefused
from colossus.load.files import shown_path
from colossus.load.writing import write_text
from colossus.wiring.record import Record, from_document

CABLING_FILE = "cabling.json"
_VERSION = 1


def cabling_file(inventory: Path) -> Path:
    """Give the file beside a site."""
    return (inventory.parent if inventory.is_file() else inventory) / CABLING_FILE


def load_cabling(inventory: Path) -> Record:
    """Read what was reported so far; nothing where there is no file.

    Raises:
        InventoryRefused: the file is damaged or of another version.
    """
    path = cabling_file(inventory)
    if not path.is_file():
        return Record()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema_version"] != _VERSION:
            raise InventoryRefused(
                f"{shown_path(path)} is of version {document['schema_version']}",
                "use the Colossus that wrote it",
            )
        return from_document(document)
    except (ValueError, KeyError, TypeError) as problem:
        raise InventoryRefused(
            f"{shown_path(path)} is damaged: {problem}", "take it from version control"
        ) from problem


def save_cabling(inventory: Path, record: Record) -> None:
    """Write what was reported; the same record gives the same bytes, a line per plug."""
    body = record.document()
    lines = [f'{{"schema_version": {_VERSION},']
    for key, last in (("plugs", ","), ("proposals", "")):
        rows = [json.dumps(each, ensure_ascii=False) for each in body[key]]
        lines.append(f'"{key}": [')
        lines += [f"  {row}," for row in rows[:-1]] + [f"  {row}" for row in rows[-1:]]
        lines.append(f"]{last}")
    write_text(cabling_file(inventory), "\n".join([*lines, "}", ""]))
