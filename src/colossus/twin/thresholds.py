"""The machine's neighbour-table limits, which all namespaces share.

With 1,024 entries (the default) the table overflowed at 512 cables and BGP never converged; with
these it did at 1,152 (measured). They are put back when the twin goes.
"""

from pathlib import Path

FOLDERS = (Path("/proc/sys/net/ipv4/neigh/default"), Path("/proc/sys/net/ipv6/neigh/default"))
WANTED = {"gc_thresh1": 16_384, "gc_thresh2": 32_768, "gc_thresh3": 65_536}
# Below this many cables the default limits hold.
CABLES = 400


def needed(cables: int) -> dict[str, str]:
    """Return the present value of every limit that is too low for so many cables, by path."""
    if cables <= CABLES:
        return {}
    paths = {folder / name: wanted for folder in FOLDERS for name, wanted in WANTED.items()}
    found = {str(path): path.read_text(encoding="utf-8").strip() for path in paths}
    return {
        str(path): found[str(path)] for path, low in paths.items() if int(found[str(path)]) < low
    }


def raise_for(before: dict[str, str]) -> None:
    """Raise these limits."""
    for path in map(Path, before):
        path.write_text(str(WANTED[path.name]), encoding="utf-8")


def put_back(before: dict[str, str]) -> None:
    """Put each limit back, unless somebody else changed it meanwhile."""
    for path, value in ((Path(path), value) for path, value in before.items()):
        if path.read_text(encoding="utf-8").strip() == str(WANTED[path.name]):
            path.write_text(value, encoding="utf-8")
