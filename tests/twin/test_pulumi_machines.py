"""The machines of a twin as Pulumi resources: made, found without power, mended, taken away."""

import os
import shutil
import subprocess

import pytest

from colossus.stacks.driver import environment
from colossus.stacks.engine import find_engine
from colossus.stacks.store import Place
from tests.twin.sites import Desk

pytestmark = [pytest.mark.twin, pytest.mark.pulumi]

MACHINES = {"dell-01", "ctl-01", "leaf-02", "oob-01"}
NODES = {"gpu-0001", "gpu-0008", "ctl-01", "leaf-01", "oob-01"}


class Machines:
    """The plain `pulumi` command on infra/twin."""

    def __init__(self, desk: Desk, site: str, **settings: str) -> None:
        self.project = desk.folder / "twin-project"
        shutil.copytree(desk.checkout / "infra" / "twin", self.project)
        engine = find_engine()
        folder = desk.folder / "stacks"
        place = Place(site, "", folder / "journal.sqlite", folder)
        self.program = str(engine.program)
        self.environment = {
            **desk.environment,
            **environment(place, engine),
            "PULUMI_HOME": str(desk.folder / "pulumi-home"),
        }
        self("stack", "init", "twin")
        for name, value in {"inventory": str(desk.folder / site), **settings}.items():
            self("config", "set", f"colossus:{name}", value)

    def __call__(self, *words: str, status: int = 0) -> str:
        argv = [self.program, *words]
        done = subprocess.run(
            argv,
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's own Pulumi settings are of no interest here."""
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        monkeypatch.delenv(name)


def test_a_twin_is_made_mended_and_destroyed(desk: Desk) -> None:
    desk.site("lab")
    pulumi = Machines(desk, "lab", tier="ns")
    assert "+ 12 to create" in pulumi("preview")  # 11 machines and the stack itself
    assert desk.report("twin", "status") == {"schema_version": 1, "twins": []}
    pulumi("up", "--yes", "--skip-preview")
    (twin,) = desk.report("twin", "status")["twins"]
    assert set(twin["up"]) >= NODES
    pulumi("preview", "--expect-no-changes")

    assert desk.run("twin", "break", "down", "gpu-0002").returncode == 0
    assert "1 updated" in pulumi("refresh", "--yes")
    assert "1 updated" in pulumi("up", "--yes", "--skip-preview")
    (twin,) = desk.report("twin", "status")["twins"]
    assert "gpu-0002" in twin["up"]

    assert desk.run("twin", "down").returncode == 0
    assert "11 deleted" in pulumi("refresh", "--yes")
    assert "11 created" in pulumi("up", "--yes", "--skip-preview")
    pulumi("destroy", "--yes", "--skip-preview")
    assert desk.report("twin", "status")["twins"] == []


@pytest.mark.twin_vm
def test_virtual_machines_are_made_mended_and_destroyed(desk: Desk) -> None:
    desk.fourteen("fourteen")
    pulumi = Machines(desk, "fourteen", tier="vm", part="dell-01")
    pulumi("up", "--yes", "--skip-preview")
    (twin,) = desk.report("twin", "status")["twins"]
    assert twin["tier"] == "vm"
    assert set(twin["up"]) == MACHINES
    pulumi("preview", "--expect-no-changes")

    assert desk.run("twin", "break", "down", "dell-01").returncode == 0
    assert "1 updated" in pulumi("refresh", "--yes")
    assert "1 updated" in pulumi("up", "--yes", "--skip-preview")
    (twin,) = desk.report("twin", "status")["twins"]
    assert set(twin["up"]) == MACHINES
    pulumi("destroy", "--yes", "--skip-preview")
    assert desk.report("twin", "status")["twins"] == []


def test_nonsense_is_refused_before_anything_is_built(desk: Desk) -> None:
    desk.site("lab")
    pulumi = Machines(desk, "lab", tier="ns", part="gpu-0099")
    assert "gpu-0099" in pulumi("preview", status=1)
