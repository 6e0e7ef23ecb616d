"""The README's five minutes, carried out: each command prints what the README says it prints."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def steps(checkout: Path) -> list[tuple[str, str]]:
    """Commands of the README's console block, each with the output written below it."""
    text = (checkout / "README.md").read_text("utf-8")
    (block,) = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    found: list[tuple[str, str]] = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:].strip(), ""))
        else:
            command, output = found[-1]
            found[-1] = (command, output + line)
    return found


def test_the_quick_start_prints_what_the_readme_says(tmp_path: Path, checkout: Path) -> None:
    """Copy, check, break, read the finding, mend; also with nothing but the documented words."""
    shutil.copytree(checkout / "examples", tmp_path / "examples")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    carried_out = 0
    for command, expected in steps(checkout):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if expected:
            assert done.stdout == expected, command
        else:
            assert done.returncode == 0, f"{command}: {done.stderr}"
        carried_out += 1
    assert carried_out >= 6


@pytest.mark.parametrize("word", ["make dry-run", "make test", "colossus provision"])
def test_the_readme_names_the_set_up_and_the_main_job(checkout: Path, word: str) -> None:
    """The two set-up commands and the main job stand in the README."""
    assert word in (checkout / "README.md").read_text("utf-8")
