"""Ports that machines are not told of: on which switches, and what that changes of their files."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from colossus.cli.opening import Opened, opened
from colossus.cli.targets import rendered, rendered_for_twin, rendered_on
from colossus.plan.difference import make_plan
from colossus.render.desired import Rendered
from colossus.twin import tiers
from colossus.twin.base import End
from colossus.twin.exempt import UNTOLD, substituted_steps
from colossus.twin.of_site import spec_of
from colossus.twin.slices import Room, Slice, slice_of
from colossus.twin.untold import untold_ports

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "colossus-100k"
FRR = "/etc/frr/frr.conf"


@cache
def site() -> Opened:
    return opened(EXAMPLE)


@cache
def part() -> Slice:
    return slice_of(site().designed.fabric, "", Room(32, 1000))


@cache
def untold() -> tuple[End, ...]:
    return untold_ports(site().designed.fabric, part(), "vm")


@cache
def twin() -> Rendered:
    return rendered_for_twin(site(), part().nodes, untold())


def text(made: Rendered, node: str, path: str) -> str:
    [found] = [r for r in made.desired.targets[node].resources if r.id == f"file:{path}"]
    return made.desired.blobs[str(found.body["content"])]


def test_namespaces_know_every_port() -> None:
    assert untold_ports(site().designed.fabric, part(), "ns") == ()


def test_a_switch_of_each_model_is_told_of_all() -> None:
    short = {end.node for end in untold()}
    hosts = {"smc-00001", "dell-00001", "ctl-01", "ctl-02"}
    assert set(part().nodes) - short - hosts == {"leaf-0001", "oob-1565", "oobagg-51"}
    assert hosts <= set(part().nodes)
    assert not short & hosts
    assert len(short) == 24


def test_the_switches_by_whose_bridge_others_are_reached_keep_all_ports() -> None:
    fabric = site().designed.fabric
    wide = slice_of(fabric, "smc-00001,oob-0001,oob-0003", Room(64, 1000))
    bridging = {name for name in wide.nodes if name.startswith("oob-")}
    assert len(bridging) == 2
    assert not bridging & {end.node for end in untold_ports(fabric, wide, "vm")}


def test_no_cabled_port_and_no_management_port_is_left_out() -> None:
    fabric = site().designed.fabric
    spec = spec_of(fabric, twin().desired, part(), "test", untold())
    cabled = {end for cable in spec.cables for end in (cable.a, cable.z)}
    assert not cabled & set(untold())
    assert spec.joined
    assert not set(spec.joined) & set(untold())
    assert not set(spec.open_ports) & set(untold())
    assert spec.untold == tuple(sorted(untold()))


@pytest.mark.parametrize(("leaf", "peers", "cages"), [("leaf-0001", 64, 64), ("leaf-0785", 1, 2)])
def test_a_switch_configures_what_it_is_told_of(leaf: str, peers: int, cages: int) -> None:
    assert text(twin(), leaf, FRR).count("interface peer-group") == peers
    assert len(text(twin(), leaf, "/etc/colossus/split-ports").splitlines()) == 1 + cages


def test_a_twin_that_is_up_is_rendered_as_it_was_built(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(site().designed.fabric, twin().desired, part(), "test", untold())
    monkeypatch.setattr(tiers, "standing", lambda _: SimpleNamespace(spec=spec))
    assert rendered_on(site(), "test").desired == twin().desired


def test_the_report_says_which_files_are_shorter_and_why() -> None:
    production = rendered(site(), part().nodes)
    plan = make_plan(production.desired, {}, against="nothing", inventory_digest="")
    steps = {step.id: step for step in plan.steps}
    told = [
        steps[each.step]
        for each in substituted_steps(
            plan, production.desired, twin().desired, twin().substituted, untold=untold()
        )
        if each.reason == UNTOLD
    ]
    assert {step.path for step in told} >= {FRR, "/etc/colossus/split-ports"}
    short = {end.node for end in untold()}
    assert all(short & set(step.targets) for step in told)


def test_hosts_outside_the_slice_are_future_to_slurm() -> None:
    lines = text(twin(), "ctl-01", "/etc/slurm/slurm.conf").splitlines()
    nodes = [line for line in lines if line.startswith("NodeName=")]
    assert sorted(line.split()[0] for line in nodes if line.endswith("State=UNKNOWN")) == [
        "NodeName=dell-00001",
        "NodeName=smc-00001",
    ]
    assert all(line.endswith("State=FUTURE") for line in nodes if "-00001 " not in line)
    assert len(nodes) > 2
