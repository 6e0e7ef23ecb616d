"""The machines of a twin as Pulumi resources: made, found without power, mended, taken away."""

import pytest

from colossus.stacks.store import Place
from tests.twin.plain_pulumi import PlainPulumi
from tests.twin.sites import Desk

pytestmark = [
    pytest.mark.twin,
    pytest.mark.pulumi,
    pytest.mark.usefixtures("no_pulumi_settings"),
]

MACHINES = {"dell-01", "ctl-01", "leaf-02", "oob-01"}
NODES = {"gpu-0001", "gpu-0008", "ctl-01", "leaf-01", "oob-01"}


def machines(desk: Desk, site: str, **settings: str) -> PlainPulumi:
    """Give the plain `pulumi` command on a new stack of infra/twin."""
    folder = desk.folder / "stacks"
    pulumi = PlainPulumi(desk, "twin", Place(site, "", folder / "journal.sqlite", folder))
    pulumi("stack", "init", "twin")
    for name, value in {"inventory": str(desk.folder / site), **settings}.items():
        pulumi.set(name, value)
    return pulumi


def test_a_twin_is_made_mended_and_destroyed(desk: Desk) -> None:
    desk.site("lab")
    pulumi = machines(desk, "lab", tier="ns")
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
    pulumi = machines(desk, "fourteen", tier="vm", part="dell-01")
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
    pulumi = machines(desk, "lab", tier="ns", part="gpu-0099")
    assert "gpu-0099" in pulumi("preview", status=1)
