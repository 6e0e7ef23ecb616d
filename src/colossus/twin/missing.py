"""Something that this machine lacks for a twin, and the tools it should have."""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that this machine lacks, and what to do about it."""

    summary: str
    hint: str


def tools(wanted: Mapping[str, str]) -> Iterator[Missing]:
    """Give each of these programs that is not installed; wanted: program → Debian package."""
    for tool, package in wanted.items():
        if not shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
            hint = f"apt-get install {package} (`make setup` installs all of them)"
            yield Missing(f"{tool} is not installed", hint)
