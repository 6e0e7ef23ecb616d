"""How much memory this machine has for a twin."""

from pathlib import Path


def free_mib() -> int:
    """Return the memory that programs can still get, in MiB, with regard to a container's limit."""
    found = [_machine_mib(), _container_mib()]
    return min(each for each in found if each is not None)


def _machine_mib() -> int:
    for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) >> 10
    return 0


def _container_mib() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text(encoding="utf-8").strip()
        used = (folder / "memory.current").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return None if limit == "max" else max(0, (int(limit) - int(used)) >> 20)
