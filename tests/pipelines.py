"""The ready pipelines of docs/ci: their jobs and commands, and a change to run them on."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
FILES = ("github-actions.yml", "gitlab-ci.yml")
COMMAND = ".venv/bin/colossus"
JOBS = ("rehearse", "policy", "publish")


def jobs(name: str) -> dict[str, Any]:
    """Give the jobs of one of them, by name."""
    text = (CHECKOUT / "docs" / "ci" / name).read_text("utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    found = document.get("jobs", document)
    return {job: found[job] for job in JOBS}


def scripts(job: Mapping[str, Any]) -> list[str]:
    """Give what a job runs in shell, in order; what only installs packages on it is the host's."""
    steps = [step["run"] for step in job.get("steps", ()) if "run" in step]
    parts = ("before_script", "script", "after_script")
    return steps + [str(line) for part in parts for line in job.get(part, ())]


def commands(name: str, job: str = "rehearse") -> list[str]:
    """Give every line of shell in a job that runs `colossus`, in order."""
    lines = [line for script in scripts(jobs(name)[job]) for line in script.splitlines()]
    return [line for line in lines if COMMAND in line]


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


def run(script: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a piece of a pipeline's shell there, with the options that both hosts give bash."""
    text = script.replace(COMMAND, f"{sys.executable} -m colossus.cli")
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1200,  # a crowded machine rehearses for minutes
        check=False,
    )
