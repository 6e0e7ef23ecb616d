"""Which tier is chosen, why, and what is said when none can be."""

import os
from pathlib import Path

import pytest

from colossus.errors import RehearsalFailed
from colossus.twin import tiers
from colossus.twin.missing import Missing
from colossus.twin.slices import NAMESPACES, Room, Slice
from colossus.twin.vm import budget as rooms
from colossus.twin.vm.accel import Accel
from colossus.twin.vm.budget import Budget

WHOLE = Slice(("gpu1", "leaf1", "oob1"), (), (), 0)
SMALL = Slice(("gpu1", "leaf1"), (), (), 0)
ROOT = Missing("not root", "run as root")
QEMU = Missing("QEMU is not installed", "install it")


class Computer:
    """A computer that lacks what the test says; `cut` gives all where there is room."""

    def __init__(self, patch: pytest.MonkeyPatch, machines: int = 32) -> None:
        self.patch = patch
        self.set(namespaces=[], machines=[], kvm=False)
        patch.setattr(tiers, "budget", lambda: Budget(machines * rooms.MIB_PER_MACHINE + 1024, 64))

    def set(self, *, namespaces: list[Missing], machines: list[Missing], kvm: bool) -> None:
        self.patch.setattr(tiers, "preflight", lambda: namespaces)
        self.patch.setattr(tiers, "preflight_machines", lambda: machines)
        self.patch.setattr(os, "access", lambda *_: kvm)
        found = Accel("kvm", "KVM: a kernel boots") if kvm else Accel("tcg", "no flags")
        self.patch.setattr(tiers, "probe", lambda _: found)
        self.patch.setattr(tiers, "ensure_vm_image", lambda *_: None)


@pytest.fixture(autouse=True)
def computer(monkeypatch: pytest.MonkeyPatch) -> Computer:
    return Computer(monkeypatch)


def cut(room: Room) -> Slice:
    if room.machines >= len(WHOLE.nodes):
        return WHOLE
    if room.machines >= len(SMALL.nodes):
        return SMALL
    raise RehearsalFailed(
        "the smallest slice has 2 nodes, more than this tier carries", "name less"
    )


def test_machines_are_chosen_where_hardware_runs_them(computer: Computer) -> None:
    computer.set(namespaces=[], machines=[], kvm=True)
    chosen = tiers.choose("auto", cut)
    assert (chosen.tier, chosen.part) == ("vm", WHOLE)
    assert chosen.reason == "hardware runs virtual machines here"


def test_namespaces_are_chosen_where_machines_would_be_emulated() -> None:
    chosen = tiers.choose("auto", cut)
    assert chosen.tier == "ns"
    assert chosen.reason == "virtual machines would be emulated here: /dev/kvm cannot be used"


def test_namespaces_are_chosen_where_they_carry_more(monkeypatch: pytest.MonkeyPatch) -> None:
    computer = Computer(monkeypatch, machines=2)
    computer.set(namespaces=[], machines=[], kvm=True)
    chosen = tiers.choose("auto", cut)
    assert (chosen.tier, chosen.part) == ("ns", WHOLE)
    assert "2 machines of" in chosen.reason
    assert "namespaces carry a larger part" in chosen.reason


def test_emulated_machines_serve_where_namespaces_cannot_be(computer: Computer) -> None:
    computer.set(namespaces=[ROOT], machines=[], kvm=False)
    chosen = tiers.choose("auto", cut)
    assert (chosen.tier, chosen.reason) == ("vm", "no namespaces here: not root")


def test_where_nothing_can_be_built_all_that_is_missing_is_said(computer: Computer) -> None:
    computer.set(namespaces=[ROOT], machines=[QEMU], kvm=False)
    with pytest.raises(RehearsalFailed) as raised:
        tiers.choose("auto", cut)
    assert raised.value.summary == (
        "this machine cannot rehearse: no namespaces: not root (run as root);"
        " no machines: QEMU is not installed (install it)"
    )


def test_what_is_asked_for_is_not_overruled(computer: Computer) -> None:
    computer.set(namespaces=[], machines=[], kvm=True)
    assert tiers.choose("ns", cut).tier == "ns"
    assert tiers.choose("vm", cut).reason == "as asked for"
    assert tiers.room_of("ns") == NAMESPACES


def test_a_refusal_for_lack_of_room_says_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    Computer(monkeypatch, machines=1)
    with pytest.raises(RehearsalFailed) as raised:
        tiers.choose("vm", cut)
    assert "1 machines of" in raised.value.summary
    assert raised.value.hint == "name less"


def test_the_budget_is_bounded_by_memory_and_by_cores() -> None:
    assert Budget(rooms.MIB_APART + 5 * rooms.MIB_PER_MACHINE, cores=2).machines == 5
    assert Budget(1 << 20, cores=2).machines == 2 * rooms.MACHINES_PER_CORE
    assert Budget(100, cores=2).machines == 0


def test_no_twin_of_a_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(RehearsalFailed, match="no twin named 'x' is up"):
        tiers.standing("x", tmp_path)
