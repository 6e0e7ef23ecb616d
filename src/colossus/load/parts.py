"""Optics and cables with part numbers: `parts.yaml` beside the site, then the shipped one."""

from pathlib import Path

from pydantic import TypeAdapter

from colossus.diagnostics import Diagnostic
from colossus.inventory.parts import Parts
from colossus.load.files import Sources
from colossus.load.schema import validated
from colossus.load.yaml import Document
from colossus.share import share

PARTS_FILE = "parts.yaml"
_PARTS: TypeAdapter[Parts] = TypeAdapter(Parts)


def load_parts(folder: Path, sources: Sources) -> tuple[Parts, list[Document], list[Diagnostic]]:
    """Read the parts of a site and the shipped ones; the site's own come first."""
    found, documents, findings = Parts(), list[Document](), list[Diagnostic]()
    places = ((folder, "parts"), (share("inventory", folder), "parts-shipped"))
    for place, root in places:
        if not (place / PARTS_FILE).is_file():
            continue
        document = sources.read(place / PARTS_FILE, f"{root}.yaml", root)
        documents.append(document)
        findings += document.findings
        if document.value is not None:
            parts, faults = validated(_PARTS, document, root)
            findings += faults
            found = found.before(parts) if parts else found
    return found, documents, findings
