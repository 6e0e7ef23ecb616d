"""`assets.csv` beside the site into models, with the line of every fault.

Columns, in any order: rack, u, device, serial, tag, bmc_mac, macs, guids. `macs` and `guids` list
what an interface has: `eno1=52:54:00:12:34:56 ens1=...`.
"""

import csv
import io
from pathlib import Path

from pydantic import TypeAdapter

from colossus.inventory.assets import Asset
from colossus.load.files import Sources
from colossus.load.schema import validated
from colossus.load.yaml import Document, Value

ASSETS_FILE = "assets.csv"
ROOT = "assets"
_ASSETS: TypeAdapter[tuple[Asset, ...]] = TypeAdapter(tuple[Asset, ...])
_BY_INTERFACE = ("macs", "guids")


def load_assets(folder: Path, sources: Sources) -> tuple[tuple[Asset, ...], Document]:
    """Read the assets of a site; none where there is no file.

    The document holds the places of `assets[n].column`, and what is wrong.
    """
    path = folder / ASSETS_FILE
    if not path.is_file():
        return (), Document(ASSETS_FILE)
    text, document = sources.read_text(path, ASSETS_FILE, ROOT)
    if document.findings:
        return (), document
    document.value = _rows(text, document)
    document.places[ROOT] = (document.file, 1, 0)
    assets, faults = validated(_ASSETS, document, ROOT)
    document.findings += faults
    return assets or (), document


def _rows(text: str, document: Document) -> Value:
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    rows: list[Value] = []
    for row in reader:
        path = f"{ROOT}[{len(rows)}]"
        document.places[path] = (document.file, reader.line_num, 0)
        named: dict[str, Value] = {}
        # What stands past the last heading comes under None.
        for column, cell in row.items():
            name, words = str(column or "(no heading)").strip(), str(cell or "").strip()
            if words:
                named[name] = _cell(name, words)
                document.places[f"{path}.{name}"] = (document.file, reader.line_num, 0)
        if named:
            rows.append(named)
    return rows


def _cell(name: str, words: str) -> Value:
    if name in _BY_INTERFACE:
        return dict(word.partition("=")[::2] for word in words.split())
    return int(words) if name == "u" and words.isdigit() else words
