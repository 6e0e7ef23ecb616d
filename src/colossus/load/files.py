"""Reading one inventory file: bytes into a document, and what is wrong with the file itself."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.load.yaml import MAX_BYTES, Document, read_yaml


def shown_path(path: Path) -> str:
    """Write a path as the operator would: relative to the working directory when below it."""
    resolved, here = path.resolve(), Path.cwd()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(resolved)


@dataclass(slots=True)
class Sources:
    """The files read for one site, for their digest; names are those inside the inventory.

    shown_below: a folder that is left out of shown paths, for sites read from a revision.
    """

    shown_below: Path | None = None
    contents: dict[str, bytes] = field(default_factory=dict)

    def read(self, path: Path, name: str, root: str = "") -> Document:
        """Read one YAML file; a file that cannot be read is a finding of its document."""
        shown = self._shown(path)
        try:
            content = self._content(path, name)
        except OSError as problem:
            document = Document(shown)
            document.findings.append(_unreadable(shown, root, problem))
            return document
        return read_yaml(content, shown, root)

    def read_text(self, path: Path, name: str, root: str = "") -> tuple[str, Document]:
        """Read a file that is no YAML: its text, and an empty document for what is in it."""
        document = Document(self._shown(path))
        try:
            return self._content(path, name).decode("utf-8-sig", "replace"), document
        except OSError as problem:
            document.findings.append(_unreadable(document.file, root, problem))
            return "", document

    def _content(self, path: Path, name: str) -> bytes:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)  # one more shows that it is too large
        self.contents[name] = content
        return content

    def digest(self) -> str:
        """Give the SHA-256 over names and contents, in hexadecimal."""
        total = hashlib.sha256()
        for name, content in sorted(self.contents.items()):
            total.update(f"{name}\0{len(content)}\0".encode())
            total.update(content)
        return total.hexdigest()

    def _shown(self, path: Path) -> str:
        below = self.shown_below
        if below is not None and path.resolve().is_relative_to(below):
            return str(path.resolve().relative_to(below))
        return shown_path(path)


def _unreadable(shown: str, root: str, problem: OSError) -> Diagnostic:
    reason = (problem.strerror or str(problem)).lower()
    return Diagnostic(
        Severity.ERROR,
        "file-unreadable",
        Where(root, shown),
        f"the file cannot be read: {reason}",
        "name a folder that holds a cluster.yaml, or that file",
    )
