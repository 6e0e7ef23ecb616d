"""The dry run: build the twin, apply the very plan to it, prove it, report, remove everything."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from colossus.cli.opening import Opened, checked, designed, sound
from colossus.cli.targets import rendered, rendered_for_twin
from colossus.cli.views import rehearsal as view
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import say
from colossus.errors import RehearsalFailed, UsageError
from colossus.fabric.changed import changed_devices
from colossus.fabric.model import Fabric
from colossus.load.revision import load_revision
from colossus.load.writing import write_text
from colossus.plan.difference import make_plan, state_of
from colossus.plan.model import Plan
from colossus.plan.resource import Desired
from colossus.twin import state
from colossus.twin.base import End
from colossus.twin.faults import Fault, parse_faults, refuse_impossible
from colossus.twin.hands import Hands
from colossus.twin.of_site import spec_of
from colossus.twin.rehearse import Case, Rehearsal
from colossus.twin.report import MODEL_TIER, Phase, Report
from colossus.twin.slices import PAPER, Room, Slice, slice_of
from colossus.twin.tiers import Ground, choose, new_twin, room_of, standing
from colossus.twin.untold import untold_ports


class Tier(StrEnum):
    """Which twin to rehearse on."""

    AUTO = "auto"
    MODEL = "model"
    NS = "ns"
    VM = "vm"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator said about the dry run."""

    tier: Tier = Tier.AUTO
    base: str = ""
    part: str = ""
    stage: str = ""
    keep: bool = False
    faults: Path | None = None
    report: Path | None = None
    output: view.Format = view.Format.TEXT
    min_verbatim: float = 0.0


@dataclass(frozen=True, slots=True)
class Before:
    """The old state that `--base` names, rendered for production and for the twin."""

    name: str
    production: Desired
    twin: Desired


def rehearse(inventory: Path, wishes: Wishes) -> int:
    """Rehearse a site; gives 0, or raises RehearsalFailed after the report was printed."""
    site = checked(inventory, wishes.stage)
    old = sound(designed(load_revision(inventory, wishes.base))) if wishes.base else None
    if wishes.tier is Tier.MODEL:
        nodes = slice_of(site.designed.fabric, wishes.part, PAPER).nodes if wishes.part else None
        before = _before(old, wishes.base, nodes) if old else None
        plan = _plan(site, rendered(site, nodes).desired, before)
        return _finish(_model_report(site, plan), wishes)
    changed = changed_devices(old.designed.fabric, site.designed.fabric) if old else frozenset()
    name = site.loaded.accepted().cluster
    cut = partial(slice_of, site.designed.fabric, wishes.part, changed=changed)
    ground = _ground(name, wishes, cut)
    part, faults = ground.part, _faults(wishes.faults)
    refuse_impossible(faults, part.nodes, ground.tier)
    untold = _untold(site.designed.fabric, name, ground)
    before = _before(old, wishes.base, part.nodes, untold) if old else None
    production = rendered(site, part.nodes)
    twin = rendered_for_twin(site, part.nodes, untold)
    plan = _plan(site, production.desired, before)
    case = Case(
        fabric=site.designed.fabric,
        plan=plan,
        production=production.desired,
        twin=twin.desired,
        part=part,
        overlay=twin.substituted,
        untold=untold,
        before=before.twin if before else None,
        faults=faults,
        standing=name in state.names(),
    )
    report = _on_standing(case) if case.standing else _on_new(case, ground, wishes)
    return _finish(report, wishes)


def _ground(name: str, wishes: Wishes, cut: Callable[[Room], Slice]) -> Ground:
    """Choose the tier: that of the twin which is up, else as asked for."""
    if name in state.names():
        tier = standing(name).tier
        if wishes.tier is not Tier.AUTO and str(wishes.tier) != tier:
            raise RehearsalFailed(
                f"a twin named {name} of tier {tier} is up; --twin {wishes.tier} needs a new one",
                f"colossus twin down --name {name}",
            )
        return Ground(tier, "it is up", cut(room_of(tier)))
    return choose(wishes.tier, cut)


def _untold(fabric: Fabric, name: str, ground: Ground) -> tuple[End, ...]:
    """Give the ports that the nodes of the twin are not told of: as it is, or as it will be."""
    if name in state.names():
        return standing(name).spec.untold
    return untold_ports(fabric, ground.part, ground.tier)


def _before(
    old: Opened,
    name: str,
    nodes: Collection[str] | None = None,
    untold: Collection[End] = (),
) -> Before:
    """Render the old state, as far as these nodes were there then."""
    if nodes is not None:
        nodes = [node for node in nodes if node in old.designed.fabric.device_index]
    production, twin = rendered(old, nodes), rendered_for_twin(old, nodes, untold)
    return Before(name, production.desired, twin.desired)


def _faults(file: Path | None) -> tuple[Fault, ...]:
    if file is None:
        return ()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{file} cannot be read: {problem}") from problem
    return parse_faults(text, str(file))


def _plan(site: Opened, production: Desired, before: Before | None) -> Plan:
    return make_plan(
        production,
        state_of(before.production) if before else {},
        against=before.name if before else "nothing",
        inventory_digest=site.loaded.digest,
    )


def _on_new(case: Case, ground: Ground, wishes: Wishes) -> Report:
    """Rehearse on a twin of its own; raises RehearsalFailed with all that is missing for it."""
    name = case.fabric.site.cluster
    spec = spec_of(case.fabric, case.twin, case.part, name, case.untold)
    twin = new_twin(ground.tier, spec, lasting=wishes.keep, tell=say)
    say(
        f"rehearsing {name} on tier {twin.tier} ({ground.reason}):"
        f" {len(spec.nodes)} nodes, {len(spec.cables)} cables; {twin.accel}"
    )
    begun = time.monotonic()
    try:
        report = Rehearsal(case, twin, Hands(twin), view.show_phase).run()
    except BaseException:
        twin.down()
        raise
    if wishes.keep:
        say(f"kept: colossus twin exec HOST -- CMD, colossus twin down --name {spec.name}")
        return report
    ended = time.monotonic()
    twin.down()
    phase = Phase("tear down", ok=True, seconds=time.monotonic() - ended)
    report.phases.append(phase)
    view.show_phase(phase)
    say(f"rehearsed in {time.monotonic() - begun:.1f} s")
    return report


def _on_standing(case: Case) -> Report:
    """Rehearse on the twin that is up, faults and all; it stays up."""
    name = case.fabric.site.cluster
    if case.before is not None:
        raise RehearsalFailed(
            f"a twin named {name} is up, and --base needs a new one",
            f"colossus twin down --name {name}",
        )
    twin = standing(name)
    nodes = {node.name for node in twin.spec.nodes}
    if nodes != set(case.part.nodes):
        raise RehearsalFailed(
            f"the twin named {name} that is up has other nodes than this site",
            f"colossus twin down --name {name}",
        )
    say(f"rehearsing {name} on its twin that is up, as it stands")
    report = Rehearsal(case, twin, Hands(twin), view.show_phase).run()
    say(f"it stays up; colossus twin down --name {name} removes it")
    return report


def _model_report(site: Opened, plan: Plan) -> Report:
    """Say what was proved without running anything: the site is sound and the plan can be made."""
    report = Report(site.designed.fabric.site.cluster, MODEL_TIER, "none", plan.digest)
    report.phases += [Phase("check", ok=True, seconds=0.0), Phase("plan", ok=True, seconds=0.0)]
    return report


def _finish(report: Report, wishes: Wishes) -> int:
    if wishes.report is not None:
        write_text(wishes.report, as_json(report.document()) + "\n")
    view.show_report(report, wishes.output)
    if not report.ok:
        failed = [phase.name for phase in report.phases if not phase.ok]
        raise RehearsalFailed(f"the rehearsal failed: {', '.join(failed)}")
    if report.verbatim_percent < wishes.min_verbatim:
        raise RehearsalFailed(
            f"{report.verbatim_percent:g} % of the steps were rehearsed verbatim,"
            f" {wishes.min_verbatim:g} % are asked for",
            "the report lists the others under steps, with the reason of each",
        )
    return 0
