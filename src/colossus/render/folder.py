"""The desired state as a folder: DIR/HOST/etc/..., written whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from colossus.errors import UsageError
from colossus.plan.resource import Desired, Target

MARK = ".colossus-render"
"""Marks a folder as ours to replace, so that no other folder is ever emptied."""


def write_folder(desired: Desired, out: Path) -> int:
    """Write every file of every target below `out`, in place of what was rendered before.

    A secret's place holds its reference instead. Gives the number of files. Raises UsageError for
    a folder that holds what `colossus render` did not write.
    """
    _refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        written = sum(_write_target(fresh, target, desired) for target in desired.targets.values())
        (fresh / MARK).write_text(f"{desired.cluster}\n", encoding="utf-8")
        fresh.chmod(0o755)
        _swap(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return written


def files_of(target: Target, desired: Desired) -> Iterator[tuple[str, str]]:
    """Give path and content of every file of a target."""
    for resource in target.resources:
        if resource.kind == "file":
            path = str(resource.body["path"])
            if "secret" in resource.body:
                reference = resource.body["secret"]
                yield path, f"(secret {reference}: read when it is applied, never kept)\n"
            else:
                yield path, desired.blobs[str(resource.body["content"])]


def _write_target(folder: Path, target: Target, desired: Desired) -> int:
    count = 0
    for path, content in files_of(target, desired):
        place = folder / target.name / path.lstrip("/")
        if not place.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"{path} leads out of the folder", "correct the path in the playbook")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
        count += 1
    return count


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file", "name a new or empty folder")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise UsageError(
            f"{out} holds files that `colossus render` did not write",
            "name a new or empty folder",
        )


def _swap(fresh: Path, out: Path) -> None:
    """Put the new folder in the old one's place; a kill between leaves the old one beside it."""
    if not out.exists():
        fresh.rename(out)
        return
    aside = out.with_name(f".{out.name}.before")
    shutil.rmtree(aside, ignore_errors=True)
    out.rename(aside)
    fresh.rename(out)
    shutil.rmtree(aside)
