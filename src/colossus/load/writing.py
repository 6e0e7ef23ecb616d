"""Files written whole or not at all: a reader sees the old file or the new one, never half."""

import os
import tempfile
from pathlib import Path

from colossus.errors import UsageError
from colossus.load.files import shown_path


def write_text(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace a file in one step and keep it through a power cut; missing folders are made.

    Raises UsageError when the place cannot be written.
    """
    write_bytes(path, text.encode(), mode=mode)


def write_bytes(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace a file as `write_text` does, with content that is no text."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content, mode)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise UsageError(f"{shown_path(path)} cannot be written: {reason}") from problem


def _replace(path: Path, content: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    scratch = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        scratch.chmod(mode)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
