"""Sheets on disk: each file whole or not at all, and no sheet of yesterday's plan left behind."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from colossus.errors import UsageError


def write_sheets(
    out: Path, kind: str, sheets: Iterable[tuple[str, str | bytes]], *, whole: bool
) -> int:
    """Write (name, text or bytes) sheets below `out`; gives their number.

    All are made first, then moved into place one by one. The folder keeps a list of its sheets per
    kind (`.colossus-sheets-html`): with `whole`, those of an earlier run that are no longer
    planned are removed. Nothing else in the folder is touched.

    Raises:
        UsageError: `out` cannot be written, or a file of that name is not ours.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".sheets.", dir=out))
    except OSError as problem:
        raise UsageError(f"{out} cannot be written: {problem.strerror}") from problem
    try:
        names = []
        for name, content in sheets:
            (fresh / name).write_bytes(content.encode() if isinstance(content, str) else content)
            names.append(name)
        _publish(fresh, out, out / f".colossus-sheets-{kind}", names, whole=whole)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return len(names)


def _publish(fresh: Path, out: Path, listing: Path, names: list[str], *, whole: bool) -> None:
    former = listing.read_text(encoding="utf-8").split("\n") if listing.is_file() else []
    foreign = [name for name in names if name not in former and (out / name).exists()]
    if foreign:
        raise UsageError(
            f"{out / foreign[0]} was not written by `colossus wiring sheets`",
            "name a new or empty folder",
        )
    stale = set(former) - set(names) if whole else set()
    kept = sorted((set(former) | set(names)) - stale - {""})
    (fresh / listing.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    # The list first, with what is new in it: a kill in between leaves files that are known as ours.
    (fresh / listing.name).replace(listing)
    for name in names:
        (fresh / name).replace(out / name)
    for name in stale:
        if name:
            (out / name).unlink(missing_ok=True)
