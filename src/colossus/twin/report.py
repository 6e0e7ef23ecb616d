"""The rehearsal's report: what was proved, on what, and what could not be (contract, Rehearsal)."""

import json
from dataclasses import dataclass, field
from typing import Any

from colossus.errors import UsageError
from colossus.wiring.report import Json

SCHEMA_VERSION = 1
MODEL_TIER = "model"
"""Runs nothing: load, check, render and plan only."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: whether it held, how long it took in seconds, and what was wrong."""

    name: str
    ok: bool
    seconds: float
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exempt:
    """A step that was not rehearsed as written, and why."""

    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cause:
    """What is broken, once: its kind, devices and ports, and a sentence with rack and U.

    kind: one of a cable's verdicts, nic_order, no_power, not_booted, power_lost, host_key,
    disk_full, slow, apply_failed or controller_lost.
    """

    kind: str
    devices: tuple[str, ...]
    summary: str
    ports: tuple[str, ...] = ()

    def document(self) -> dict[str, Json]:
        """Give it as the report prints it."""
        return {
            "kind": self.kind,
            "devices": list(self.devices),
            "ports": list(self.ports),
            "summary": self.summary,
        }


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that was made on purpose, and whether it was found."""

    fault: str
    found: bool


@dataclass(slots=True)
class Report:
    """What a rehearsal found; grows phase by phase, so that a failed one reports too."""

    cluster: str
    tier: str
    accel: str
    plan_digest: str
    slice_hosts: int = 0
    slice_switches: int = 0
    slice_links: int = 0
    share_of_links: float = 0.0
    invariants: tuple[str, ...] = ()
    stands_for: tuple[str, ...] = ()
    cannot_show: tuple[str, ...] = ()
    phases: list[Phase] = field(default_factory=list)
    steps: int = 0
    verbatim: int = 0
    substituted: list[Exempt] = field(default_factory=list)
    not_rehearsable: list[Exempt] = field(default_factory=list)
    cables_expected: int = 0
    cables_seen: int = 0
    cables_wrong: list[dict[str, Json]] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    injected: list[Injected] = field(default_factory=list)
    slurm_nodes: int = 0
    job_exit: int | None = None
    second_apply_changes: int | None = None
    predicted_equals_applied: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether everything that was tried held, and nothing that must be tried was left out."""
        held = bool(self.phases) and all(phase.ok for phase in self.phases)
        if self.tier == MODEL_TIER:
            return held
        return (
            held
            and not self.cables_wrong
            and self.predicted_equals_applied is True
            and self.second_apply_changes == 0
            and self.job_exit in (0, None)
        )

    @property
    def verbatim_percent(self) -> float:
        """How many of a hundred steps were carried out exactly as written; 0 where none was."""
        return round(100 * self.verbatim / self.steps, 1) if self.steps else 0.0

    def document(self) -> dict[str, object]:
        """Give the report in the contract's form."""
        return {
            "schema_version": SCHEMA_VERSION,
            "cluster": self.cluster,
            "tier": self.tier,
            "accel": self.accel,
            "plan_digest": self.plan_digest,
            "slice": {
                "hosts": self.slice_hosts,
                "switches": self.slice_switches,
                "links": self.slice_links,
                "share_of_links": self.share_of_links,
                "invariants": list(self.invariants),
                "stands_for": list(self.stands_for),
                "cannot_show": list(self.cannot_show),
            },
            "phases": [
                {
                    "name": phase.name,
                    "ok": phase.ok,
                    "seconds": round(phase.seconds, 2),
                    "faults": list(phase.faults),
                }
                for phase in self.phases
            ],
            "steps": {
                "total": self.steps,
                "verbatim": self.verbatim,
                "verbatim_percent": self.verbatim_percent,
                "substituted": [{"step": e.step, "reason": e.reason} for e in self.substituted],
                "not_rehearsable": [
                    {"step": e.step, "reason": e.reason} for e in self.not_rehearsable
                ],
            },
            "cables": {
                "expected": self.cables_expected,
                "seen": self.cables_seen,
                "wrong": self.cables_wrong,
            },
            "causes": [cause.document() for cause in self.causes],
            "faults": [{"fault": each.fault, "found": each.found} for each in self.injected],
            "slurm": {"nodes": self.slurm_nodes, "job_exit": self.job_exit},
            "second_apply_changes": self.second_apply_changes,
            "predicted_equals_applied": self.predicted_equals_applied,
            "ok": self.ok,
        }


def read_report(text: str, name: str) -> Report:
    """Read a report that `--report` wrote; raises UsageError when it is none.

    name: for the message. Keys that it does not know are left out.
    """
    try:
        found = json.loads(text)
        part, steps, cables, slurm = (found[k] for k in ("slice", "steps", "cables", "slurm"))
        return Report(
            cluster=found["cluster"],
            tier=found["tier"],
            accel=found["accel"],
            plan_digest=found["plan_digest"],
            slice_hosts=part["hosts"],
            slice_switches=part["switches"],
            slice_links=part["links"],
            share_of_links=part["share_of_links"],
            invariants=tuple(part["invariants"]),
            stands_for=tuple(part["stands_for"]),
            cannot_show=tuple(part["cannot_show"]),
            phases=[_phase(each) for each in found["phases"]],
            steps=steps["total"],
            verbatim=steps["verbatim"],
            substituted=[Exempt(**each) for each in steps["substituted"]],
            not_rehearsable=[Exempt(**each) for each in steps["not_rehearsable"]],
            cables_expected=cables["expected"],
            cables_seen=cables["seen"],
            cables_wrong=cables["wrong"],
            causes=[_cause(each) for each in found["causes"]],
            injected=[Injected(**each) for each in found["faults"]],
            slurm_nodes=slurm["nodes"],
            job_exit=slurm["job_exit"],
            second_apply_changes=found["second_apply_changes"],
            predicted_equals_applied=found["predicted_equals_applied"],
        )
    except (ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{name} is no report of a rehearsal", "--report writes one.") from fault


def _phase(found: dict[str, Any]) -> Phase:
    return Phase(found["name"], found["ok"], found["seconds"], tuple(found["faults"]))


def _cause(found: dict[str, Any]) -> Cause:
    devices, ports = tuple(found["devices"]), tuple(found["ports"])
    return Cause(found["kind"], devices, found["summary"], ports)
