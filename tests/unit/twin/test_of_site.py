"""From the designed cluster to the twin's parts: what is in, what is left out, what is refused."""

from pathlib import Path

import pytest

from colossus.cli.opening import opened
from colossus.cli.targets import rendered_for_twin
from colossus.errors import RehearsalFailed
from colossus.fabric.model import Fabric
from colossus.plan.resource import Desired
from colossus.twin.base import End
from colossus.twin.of_site import spec_of
from colossus.twin.slices import slice_of
from colossus.twin.wires import faults_of

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "stanford-nlp"


@pytest.fixture(scope="module")
def site() -> tuple[Fabric, Desired]:
    loaded = opened(EXAMPLE)
    return loaded.designed.fabric, rendered_for_twin(loaded).desired


def test_every_target_is_a_node_and_every_cable_between_them_is_there(
    site: tuple[Fabric, Desired],
) -> None:
    fabric, desired = site
    part = slice_of(fabric)
    spec = spec_of(fabric, desired, part, "test")
    assert faults_of(spec) == []
    assert len(spec.nodes) == 11
    assert len(spec.cables) == 64 + 10
    assert part.left_out == 13
    assert spec.management_switches == ("oob-01",)
    assert spec.node("gpu-0001").accelerators == 8
    assert spec.node("gpu-0001").mgmt_address == "10.20.1.1/22"


def test_ports_whose_far_side_is_no_node_exist_without_a_cable(
    site: tuple[Fabric, Desired],
) -> None:
    fabric, desired = site
    spec = spec_of(fabric, desired, slice_of(fabric), "test")
    assert len(spec.open_ports) == 13
    assert End("oob-01", "swp2") in spec.open_ports


def test_the_operator_has_an_address_of_nobody_else(site: tuple[Fabric, Desired]) -> None:
    fabric, desired = site
    spec = spec_of(fabric, desired, slice_of(fabric), "test")
    assert spec.operator_address == "10.20.3.254/22"


@pytest.mark.parametrize(
    ("expression", "hosts"),
    [("gpu-[0001-0002]", 2), ("a02", 4), ("gpu-0001,a02", 5)],
)
def test_a_slice_takes_hosts_or_racks_with_all_switches_and_controllers(
    site: tuple[Fabric, Desired], expression: str, hosts: int
) -> None:
    part = slice_of(site[0], expression)
    assert len([name for name in part.nodes if name.startswith("gpu")]) == hosts
    assert {"ctl-01", "leaf-01", "oob-01"} <= set(part.nodes)
    assert len(part.links) == hosts * 9 + 2
    assert len(part.links) + part.left_out == 87


@pytest.mark.parametrize("expression", ["gpu-0099", "gpu-[2-1]", "leaf-99"])
def test_a_slice_that_names_nothing_is_refused(
    site: tuple[Fabric, Desired], expression: str
) -> None:
    with pytest.raises(RehearsalFailed, match="--slice"):
        slice_of(site[0], expression)
