"""The plain `pulumi` command on a project of `infra/`, as an operator without Colossus types it."""

import shutil
import subprocess
from pathlib import Path

from colossus.stacks.driver import environment
from colossus.stacks.engine import find_engine
from colossus.stacks.store import Place
from tests.twin.sites import Desk


class PlainPulumi:
    """A copy of one project, and the engine that works on it. place: whose stacks it works on."""

    def __init__(self, desk: Desk, part: str, place: Place) -> None:
        engine = find_engine()
        self.project = desk.folder / f"{part}-project"
        shutil.copytree(desk.checkout / "infra" / part, self.project)
        self._program = str(engine.program)
        self._environment = {
            **desk.environment,
            **environment(place, engine),
            "PULUMI_HOME": str(desk.folder / "pulumi-home"),
        }

    def set(self, name: str, value: str | Path) -> None:
        """Set one of our settings."""
        self("config", "set", f"colossus:{name}", str(value))

    def __call__(self, *words: str, status: int = 0) -> str:
        """Run a command that must end with this status; gives what it prints."""
        done = subprocess.run(
            [self._program, *words],
            cwd=self.project,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout
