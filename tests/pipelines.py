"""The ready pipelines of docs/ci: their `colossus` commands, and a change to run them on."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
FILES = ("github-actions.yml", "gitlab-ci.yml")
COMMAND = ".venv/bin/colossus"


def pipeline(name: str) -> dict[str, Any]:
    """Read one of them."""
    text = (CHECKOUT / "docs" / "ci" / name).read_text("utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def commands(name: str) -> list[str]:
    """Give every line of shell in it that runs `colossus`, in order."""
    return [line for script in _scripts(pipeline(name)) for line in script if COMMAND in line]


def _scripts(found: dict[str, Any]) -> list[list[str]]:
    jobs = [job for job in found.get("jobs", found).values() if isinstance(job, dict)]
    steps = [
        step["run"].splitlines() for job in jobs for step in job.get("steps", ()) if "run" in step
    ]
    parts = ("before_script", "script", "after_script")
    return steps + [
        [str(line) for line in job[part]] for job in jobs for part in parts if part in job
    ]


def change(folder: Path) -> dict[str, str]:
    """Make a repository with a site and a change of it; gives the environment of its pipeline."""
    copytree(CHECKOUT / "examples" / "stanford-nlp", folder / "sites" / "main")
    (folder / "out").mkdir()
    (folder / ".gitignore").write_text("out\n", "utf-8")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t.example"]
    file = folder / "sites" / "main" / "cluster.yaml"
    for old, new in (("", ""), ("max_time: 7-00:00:00", "max_time: 2-00:00:00")):
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new) if old else text, "utf-8")
        if not old:
            subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "a change"], check=True)
    kept = {key: value for key, value in os.environ.items() if key != "COLOSSUS_JOURNAL"}
    return {**kept, "SITE": "sites/main", "BASE": "HEAD~1", "NO_COLOR": "1"}


def run(line: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one line of a pipeline's shell there."""
    return subprocess.run(
        ["bash", "-ec", line.replace(COMMAND, f"{sys.executable} -m colossus.cli")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
