"""Where the folders that operators own are: inventory, playbooks, infra, examples.

The one function that finds them. A checkout's folders win, so that an operator edits files and
not an installed package; the wheel carries the same folders as defaults under `colossus/_share`.
"""

from pathlib import Path

from colossus.errors import ColossusError

_PACKAGE = Path(__file__).resolve().parent


class ShareMissing(ColossusError):
    """A folder that every installation carries is not there."""


def share(folder: str, near: Path | None = None) -> Path:
    """Give the `folder` (`inventory`, `playbooks`, ...) that counts for a site at `near`.

    Searched in this order: the checkout around `near`, the checkout around the working directory,
    the checkout this package runs from, the defaults inside the wheel.

    Raises:
        ShareMissing: nowhere; the installation is damaged.
    """
    for root in _roots(near):
        if (root / folder).is_dir():
            return root / folder
    raise ShareMissing(
        f"the folder `{folder}` is in no checkout here and not in the installed package",
        "Run inside a checkout, or install Colossus again.",
    )


def checkout(near: Path) -> Path | None:
    """Give the nearest folder at or above `near` that is a checkout (pyproject and playbooks)."""
    start = near.resolve()
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file() and (folder / "playbooks").is_dir():
            return folder
    return None


def _roots(near: Path | None) -> list[Path]:
    starts = [start for start in (near, Path.cwd(), _PACKAGE) if start is not None]
    found = [root for root in map(checkout, starts) if root is not None]
    return [*dict.fromkeys(found), _PACKAGE / "_share"]
