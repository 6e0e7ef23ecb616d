"""Which Pulumi engine counts on this machine: one on PATH that matches, else the one we built."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from colossus.errors import UsageError

OLDEST = (3, 259, 0)
"""What the SDK that we pin was released with; engines of the same major version stay compatible."""
_ANSWER_SECONDS = 60.0
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


class EngineMissing(UsageError):
    """No Pulumi engine can be used here."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A Pulumi engine. folder holds bin/pulumi; origin says why it was chosen."""

    program: Path
    version: tuple[int, int, int]
    origin: str

    @property
    def folder(self) -> Path:
        """What the Automation API calls the root of an engine."""
        return self.program.parent.parent

    def __str__(self) -> str:
        return f"pulumi {'.'.join(map(str, self.version))} ({self.origin}: {self.program})"


def find_engine() -> Engine:
    """Give the engine: that of COLOSSUS_PULUMI, else of PATH, else the newest that was built.

    Raises:
        EngineMissing: none of them is there in a version that matches.
    """
    refused: list[str] = []
    for program, origin in _candidates():
        version = _version_of(program)
        if version[0] == OLDEST[0] and version >= OLDEST:
            return Engine(program, version, origin)
        refused.append(f"{program} is too old" if any(version) else f"{program} does not answer")
    wanted = ".".join(map(str, OLDEST))
    raise EngineMissing(
        f"there is no Pulumi engine {wanted} or newer" + "".join(f"; {each}" for each in refused),
        "`make pulumi` in a checkout builds one, or put one on PATH; `--via ssh` needs none.",
    )


def _candidates() -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    chosen = os.environ.get("COLOSSUS_PULUMI")
    if chosen:
        found.append((Path(chosen) / "bin" / "pulumi", "COLOSSUS_PULUMI"))
    elsewhere = shutil.which("pulumi")
    # The Automation API starts ROOT/bin/pulumi, so another layout cannot be used.
    if elsewhere and Path(elsewhere).parent.name == "bin":
        found.append((Path(elsewhere), "PATH"))
    found += [(folder / "bin" / "pulumi", "make pulumi") for folder in _built()]
    return [(program, origin) for program, origin in found if program.is_file()]


def _built() -> list[Path]:
    """Give the folders of engines that `make pulumi` built, newest first."""
    from platformdirs import user_cache_path

    cache = user_cache_path("colossus", appauthor=False) / "pulumi"
    every = sorted(cache.glob("*/complete"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.parent for path in every]


def _version_of(program: Path) -> tuple[int, int, int]:
    try:
        done = subprocess.run(  # noqa: S603 - a program that PATH or our own build names
            [program, "version"],
            capture_output=True,
            check=False,
            text=True,
            timeout=_ANSWER_SECONDS,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0, 0)
    match = _VERSION.search(done.stdout)
    return (int(match[1]), int(match[2]), int(match[3])) if match else (0, 0, 0)
