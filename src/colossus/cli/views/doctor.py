"""What this machine can do and what it lacks."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from colossus.cli.views.colour import painted


def show_capabilities(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print one line per capability, and below it what is missing with its cure."""
    width = max(len(row["capability"]) for row in rows)
    for row in rows:
        word = painted("ready", "good", sys.stdout) if row["ready"] else "lacks"
        print(f"{word}  {row['capability'].ljust(width)}  {row['commands']}")
        if row["uses"]:
            print(f"       uses {row['uses']}")
        for missing in row["missing"]:
            print(f"       {missing['summary']}")
            print(f"           {missing['hint']}")
