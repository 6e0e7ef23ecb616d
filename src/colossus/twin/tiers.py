"""The one place that knows which tiers there are: it chooses one, builds it, and takes hold of it.

Everything above works on the protocol `Twin` alone.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from colossus.errors import RehearsalFailed
from colossus.twin import state
from colossus.twin.base import TierName, Twin, TwinSpec
from colossus.twin.image import ensure_image
from colossus.twin.missing import Missing
from colossus.twin.namespaces import NamespaceTwin
from colossus.twin.preflight import preflight
from colossus.twin.slices import NAMESPACES, Room, Slice
from colossus.twin.vm.accel import Accel, probe
from colossus.twin.vm.budget import budget
from colossus.twin.vm.image import ensure_vm_image
from colossus.twin.vm.preflight import preflight_machines
from colossus.twin.vm.qemu import NIC_CLASSES
from colossus.twin.vm.twin import VmTwin

KVM = "/dev/kvm"
INSTEAD = "--twin model checks, renders and plans without a twin"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rehearsal is built on: the tier, why this one, and the part of the site it carries."""

    tier: TierName
    reason: str
    part: Slice


def standing(name: str, twins: Path = state.TWINS) -> Twin:
    """Take hold of a twin that is up; raises RehearsalFailed when there is none of that name."""
    found = state.load(name, twins)
    if found is None:
        raise RehearsalFailed(f"no twin named {name!r} is up", "`colossus twin up INV` builds one")
    if found.tier == "vm":
        name_of: Literal["kvm", "tcg"] = "kvm" if found.accel.startswith("kvm") else "tcg"
        accel = Accel(name_of, found.accel)
        return VmTwin(found.spec, accel, lasting=found.lasting, twins=twins)
    return NamespaceTwin(found.spec, lasting=found.lasting, twins=twins)


def new_twin(tier: TierName, spec: TwinSpec, *, lasting: bool, tell: Tell) -> Twin:
    """Give a twin that can be brought up.

    Raises:
        RehearsalFailed: this machine lacks something for it; all of it is named.
    """
    missing = preflight(spec) if tier == "ns" else preflight_machines(spec)
    if missing:
        raise RehearsalFailed(f"this machine cannot rehearse: {listed(missing)}", INSTEAD)
    if tier == "ns":
        return NamespaceTwin(spec, lasting=lasting, image=ensure_image(tell))
    accel = probe(ensure_vm_image(tell))
    return VmTwin(spec, accel, lasting=lasting, tell=tell)


def room_of(tier: TierName) -> Room:
    """Return what a tier carries on this machine: measured for namespaces, computed for machines.

    Machines have no limit of cables but their NICs.
    """
    if tier == "ns":
        return NAMESPACES
    machines = budget().machines
    return Room(machines, machines * NIC_CLASSES[-1])


def choose(wanted: str, cut: Callable[[Room], Slice]) -> Ground:
    """Choose the tier, and the part of the site for it; cut gives the part that has room.

    wanted: a tier, or "auto", which takes machines where hardware runs them and they carry
    as much as namespaces would; emulated ones are ten times slower, so that namespaces stand in
    for them wherever they work.

    Raises:
        RehearsalFailed: nothing fits, or this machine can build neither.
    """
    if wanted in ("ns", "vm"):
        tier: TierName = "ns" if wanted == "ns" else "vm"
        return Ground(tier, "as asked for", _cut(tier, cut))
    without_machines = _why_no_machines(cut)
    if not without_machines:
        return Ground("vm", "hardware runs virtual machines here", _cut("vm", cut))
    lacks = preflight()
    if not lacks:
        return Ground("ns", without_machines, _cut("ns", cut))
    if missing := preflight_machines():
        words = f"no namespaces: {listed(lacks)}; no machines: {listed(missing)}"
        raise RehearsalFailed(f"this machine cannot rehearse: {words}", INSTEAD)
    reason = f"no namespaces here: {'; '.join(each.summary for each in lacks)}"
    return Ground("vm", reason, _cut("vm", cut))


def _cut(tier: TierName, cut: Callable[[Room], Slice]) -> Slice:
    """Cut the part that a tier has room for; a refusal says what there is room for, and why."""
    try:
        return cut(room_of(tier))
    except RehearsalFailed as fault:
        if tier == "vm":
            raise RehearsalFailed(f"{fault.summary}: {budget()}", fault.hint) from fault
        raise


def _why_no_machines(cut: Callable[[Room], Slice]) -> str:
    """Say why machines are not the better choice here, "" if they are."""
    if missing := preflight_machines():
        return "; ".join(each.summary for each in missing)
    if not os.access(KVM, os.R_OK | os.W_OK):
        return f"virtual machines would be emulated here: {KVM} cannot be used"
    accel = probe(ensure_vm_image())
    if accel.name != "kvm":
        return f"virtual machines would be emulated here: {accel.reason}"
    try:
        fits = cut(room_of("vm")).nodes == cut(room_of("ns")).nodes
    except RehearsalFailed as fault:
        return fault.summary
    return "" if fits else f"{budget()}, namespaces carry a larger part"


def listed(missing: list[Missing]) -> str:
    """Return what is missing in one line, each with its cure."""
    return "; ".join(f"{each.summary} ({each.hint})" for each in missing)
