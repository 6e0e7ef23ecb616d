"""The rehearsal: the very plan, on a virtual cluster, proved phase by phase.

    build → predict → (old state, long job) → apply → compare → cables → addresses → Slurm → again

A node that does not answer ends nothing: it is left out of what follows, as an apply leaves it for
a resume, and the causes of all that failed are named at the end. A twin that is up already
(`twin up`, `--keep`) is used as it stands, faults included, and left up.
Nothing here contacts production: targets are reached from inside the twin's own network, with keys
of its own.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from colossus.errors import ColossusError
from colossus.fabric.model import Fabric
from colossus.fabric.scheduler import Scheduler, scheduler
from colossus.observe.bgp import expected_sessions
from colossus.observe.neighbours import observe_neighbours
from colossus.plan.difference import make_plan, state_of
from colossus.plan.model import Plan
from colossus.plan.resource import Desired
from colossus.render.resolve import Substituted
from colossus.twin.base import End, Twin
from colossus.twin.causes import Evidence, find_causes
from colossus.twin.exempt import not_rehearsable_steps, substituted_steps, verbatim_steps
from colossus.twin.failover import fail_over
from colossus.twin.faults import Fault, Moment, freeze_at
from colossus.twin.hands import Answers, Change, Hands
from colossus.twin.report import Exempt, Injected, Phase, Report
from colossus.twin.slices import Slice
from colossus.twin.stands_for import cannot_show, stands_for
from colossus.twin.trials import (
    LongJob,
    addresses_answer,
    run_job,
    slurm_agrees,
    slurm_ready,
    switches_route,
)
from colossus.wiring.report import Verdict
from colossus.wiring.verdicts import compare

FAULTS_SHOWN = 20
FREEZE_SECONDS = 90.0
INVARIANTS = (
    "every cable between configured devices meets the planned port",
    "every rail answers across the fabric",
    "every link between switches has a BGP session that brings routes",
    "Slurm's nodes and tree equal the model",
    "a second apply changes nothing",
    "the changes predicted are the changes made",
)


@dataclass(frozen=True)
class Case:
    """What is rehearsed. plan: the production plan; production and twin: where it leads to.

    overlay: the settings that the twin's rendering replaced. untold: the ports that it left out.
    before: the old state that the twin gets first (`--base`), None to begin from what an installer
    leaves. faults: what is broken on purpose once the twin is built. standing: the twin is up
    already.
    """

    fabric: Fabric
    plan: Plan
    production: Desired
    twin: Desired
    part: Slice
    overlay: tuple[Substituted, ...] = ()
    untold: tuple[End, ...] = ()
    before: Desired | None = None
    faults: tuple[Fault, ...] = ()
    standing: bool = False


class PhaseFailed(Exception):
    """A phase failed in a way that leaves nothing for the later ones to look at."""


@dataclass
class Rehearsal:
    """One rehearsal on one twin; `tell` is called as each phase ends."""

    case: Case
    twin: Twin
    hands: Hands
    tell: Callable[[Phase], None]
    report: Report = field(init=False)
    _failed: dict[str, str] = field(default_factory=dict)
    _began: set[str] = field(default_factory=set)
    _seconds: dict[str, float] = field(default_factory=dict)
    _owed: set[tuple[str, str]] = field(default_factory=set)
    _verdicts: tuple[Verdict, ...] = ()

    def __post_init__(self) -> None:
        self.report = self._blank()

    def run(self) -> Report:
        """Go through all phases; always gives a report, also of a rehearsal that failed."""
        with suppress(PhaseFailed):
            self._phases()
        return self.report

    def _phases(self) -> None:
        """The order is the proof: each phase rests on what the ones before it showed."""
        job = None
        if not self.case.standing:
            with self._phase("build the twin", fatal=True):
                self.twin.up()
        for fault in self._striking(Moment.BUILT):
            with self._phase(f"break: {fault}", fatal=True):
                fault.inject(self.twin)
        predicted = self._predict()
        if self.case.before is not None:
            job = self._old_state(self.case.before)
        applied = self._apply()
        with self._phase("predicted = applied") as faults:
            faults.extend(_differences(self._answering(predicted), self._answering(applied)))
            self.report.predicted_equals_applied = not faults
        with self._phase("cables") as faults:
            faults.extend(self._cables())
        if expected_sessions(self.case.fabric, self._nodes()):
            with self._phase("switches route") as faults:
                faults.extend(switches_route(self.twin, self.case.fabric, self._nodes()))
        with self._phase("addresses answer") as faults:
            faults.extend(addresses_answer(self.twin, self.case.fabric, self._hosts()))
        expected = scheduler(self.case.fabric)
        if expected is not None:
            self._slurm(expected, job)
        with self._phase("second apply") as faults:
            again = self.hands.check(self._here(self.case.twin, self._nodes()))
            self.report.second_apply_changes = len(again.changes)
            would = [f"would {c.action} {c.resource} on {c.host}" for c in sorted(again.changes)]
            faults.extend(again.sentences() + would)
        if expected is not None:
            for fault in self._striking(Moment.JOB):
                self._fail_over(fault, expected)
        self._name_causes()

    def _striking(self, moment: Moment) -> list[Fault]:
        return [fault for fault in self.case.faults if fault.moment is moment]

    def _apply(self) -> set[Change]:
        """Apply the plan, and cut the power of what is to lose it in the middle of that."""
        strikes = self._striking(Moment.APPLY)
        answers: Answers | None = None
        with self._phase("apply the plan") as faults:
            plan = self._twin_plan()
            with ThreadPoolExecutor(max(1, len(strikes))) as pool:
                cuts = [pool.submit(self._cut_power, fault, plan) for fault in strikes]
                answers = self.hands.apply(plan)
                faults.extend(answers.sentences())
                for cut in cuts:
                    cut.result()
        return self._noted(answers).changes

    def _cut_power(self, fault: Fault, plan: Plan) -> None:
        """Stop a node's apply half way through what is new there, and cut its power."""
        node = fault.objects[0]
        new = [
            step.path
            for step in plan.steps
            if step.path
            and step.kind == "file"
            and step.action == "create"
            and node in step.targets
        ]
        if new:
            freeze_at(self.twin, node, new[len(new) // 2], FREEZE_SECONDS * self.twin.pace.patience)
        fault.inject(self.twin)

    def _noted(self, answers: Answers | None) -> Answers:
        """Remember what was lost and how long answers took; end when nobody is left.

        answers: None where nothing could be asked at all.
        """
        if answers is None:
            raise PhaseFailed("nothing could be asked")
        self._began |= answers.seconds.keys() - answers.failed.keys()
        self._failed |= answers.failed
        self._seconds = self._seconds or answers.seconds
        if not self._nodes():
            self._name_causes()
            raise PhaseFailed("nobody answers")
        return answers

    def _answering(self, changes: set[Change]) -> set[Change]:
        return {
            each for each in changes if each.host not in self._failed and each[:2] not in self._owed
        }

    def _fail_over(self, fault: Fault, expected: Scheduler) -> None:
        """Cut a controller's power under a job; the standby must take over, the job go on."""
        with self._phase(f"{fault}: a job goes on") as faults:
            cause, found = fail_over(self.twin, fault, expected, self._hosts())
            faults.extend(found)
            if cause is not None:
                self.report.causes.append(cause)

    def _name_causes(self) -> None:
        """Say what is broken, once each, and whether every fault made on purpose was found."""
        if all(phase.ok for phase in self.report.phases) and not self.case.faults:
            return
        with self._phase("causes") as faults:
            evidence = Evidence(
                self.case.part.nodes, self._failed, self._began, self._seconds, self._verdicts
            )
            causes = self.report.causes
            causes += find_causes(self.twin, self.case.fabric, evidence)
            self.report.injected = [
                Injected(str(fault), any(fault.explains(c.kind, c.devices) for c in causes))
                for fault in self.case.faults
            ]
            faults.extend(f"not found: {i.fault}" for i in self.report.injected if not i.found)

    def _old_state(self, before: Desired) -> LongJob | None:
        """Bring the twin to where the site is today, and start a job that must survive."""
        with self._phase("apply the old state", fatal=True) as faults:
            old = self._here(before, self.case.part.nodes)
            plan = make_plan(old, {}, against="nothing", inventory_digest="")
            faults.extend(self.hands.apply(plan).sentences())
        expected = scheduler(self.case.fabric)
        if expected is None:
            return None
        hosts = tuple(host for host in self._hosts() if host in before.targets)
        controller = expected.controllers[0].name
        job = LongJob(self.twin, controller, hosts)
        with self._phase("start a long job", fatal=True) as faults:
            faults.extend(slurm_ready(self.twin, controller, expected, hosts) or job.start())
        return job

    def _predict(self) -> set[Change]:
        """Say what will change: on hosts with an old state the plan alone, on new ones check mode.

        A new host begins with what its installer leaves, which no plan can know. It is asked
        first: once the old state is applied, the management switch may not know its port yet.
        """
        known = self.case.before.targets.keys() if self.case.before else frozenset()
        answers: Answers | None = None
        with self._phase("predict") as faults:
            self._owed = self.hands.owed()
            fresh = [name for name in self.case.part.nodes if name not in known]
            answers = self.hands.check(self._here(self.case.twin, fresh))
            faults.extend(answers.sentences())
        changes = self._noted(answers).changes
        planned = self.hands.planned(self._twin_plan())
        return changes | {change for change in planned if change.host in known}

    def _twin_plan(self) -> Plan:
        before, nodes = self.case.before, self.case.part.nodes
        return make_plan(
            self._here(self.case.twin, nodes),
            state_of(self._here(before, nodes)) if before else self.hands.last_applied(),
            against=self.case.plan.against,
            inventory_digest=self.case.plan.inventory_digest,
        )

    def _cables(self) -> list[str]:
        """Read LLDP on every node and compare with the cable plan, end by end."""
        sightings = observe_neighbours(
            self.twin.exec,
            self.case.fabric,
            self.case.part.nodes,
            forget_first=self.case.standing,
            patience=self.twin.pace.patience,
        )
        verdicts = compare(self.case.fabric, sightings)
        self._verdicts = verdicts.verdicts
        self.report.cables_seen = verdicts.seen
        self.report.cables_wrong = [verdict.document() for verdict in verdicts.verdicts]
        unseen = self.report.cables_expected - verdicts.seen
        words = [verdict.summary for verdict in verdicts.verdicts]
        return words + [f"{unseen} cables were not seen at all"] * (unseen > 0)

    def _slurm(self, expected: Scheduler, job: LongJob | None) -> None:
        hosts, controller = self._hosts(), self._controller(expected)
        with self._phase("Slurm nodes idle") as faults:
            if controller:
                faults.extend(slurm_ready(self.twin, controller, expected, hosts))
            else:
                faults.append("no controller answers")
        if faults:
            self.report.job_exit = 1
            return
        self.report.slurm_nodes = len(hosts)
        if job is not None:
            with self._phase("the long job ends with 0") as faults:
                self.report.job_exit, failed = job.finish()
                faults.extend(failed)
        with self._phase(f"srun -N{len(hosts)} hostname") as faults:
            status, failed = run_job(self.twin, controller, hosts)
            self.report.job_exit = self.report.job_exit or status
            faults.extend(failed)
        with self._phase("Slurm = model") as faults:
            faults.extend(slurm_agrees(self.twin, controller, expected))

    def _controller(self, expected: Scheduler) -> str:
        """Give the first controller that answers."""
        there = set(self._nodes())
        return next((each.name for each in expected.controllers if each.name in there), "")

    def _nodes(self) -> tuple[str, ...]:
        """Give the nodes that answer."""
        return tuple(name for name in self.case.part.nodes if name not in self._failed)

    def _hosts(self) -> tuple[str, ...]:
        roles = self.case.fabric.site.roles
        targets = self.case.twin.targets
        return tuple(
            name
            for name in self._nodes()
            if name in targets and roles[targets[name].role].kind == "compute"
        )

    def _here(self, desired: Desired, nodes: Sequence[str]) -> Desired:
        """Leave only these targets."""
        there = set(nodes)
        targets = {name: target for name, target in desired.targets.items() if name in there}
        return Desired(desired.cluster, targets, desired.blobs)

    @contextmanager
    def _phase(self, name: str, *, fatal: bool = False) -> Iterator[list[str]]:
        """Time one phase and note its faults; a fatal one ends the rehearsal."""
        faults: list[str] = []
        begun = time.monotonic()
        try:
            yield faults
        except ColossusError as fault:
            faults.append(f"{fault.summary} ({fault.hint})" if fault.hint else fault.summary)
        phase = Phase(name, not faults, time.monotonic() - begun, _shown(faults))
        self.report.phases.append(phase)
        self.tell(phase)
        if faults and fatal:
            raise PhaseFailed(name)

    def _blank(self) -> Report:
        case, hosts = self.case, self._hosts()
        slurm = case.fabric.site.slurm
        shares = slurm is not None and slurm.shared_state and self.twin.tier == "ns"
        shared = slurm.state_save_location if slurm and shares else ""
        substituted = list(
            substituted_steps(
                case.plan, case.production, case.twin, case.overlay, shared, case.untold
            ),
        )
        left_out = list(not_rehearsable_steps(case.plan, case.part))
        bootstrap = Exempt("installation", "nodes begin as an installer leaves them, not bare")
        return Report(
            cluster=case.fabric.site.cluster,
            tier=self.twin.tier,
            accel=self.twin.accel,
            plan_digest=case.plan.digest,
            slice_hosts=len(hosts),
            slice_switches=len(_switches(case)),
            slice_links=len(case.part.links),
            share_of_links=case.part.share_of_links,
            invariants=INVARIANTS,
            stands_for=stands_for(case.fabric, case.part),
            cannot_show=cannot_show(case.fabric, case.part),
            steps=len(case.plan.steps),
            verbatim=verbatim_steps(case.plan, [*substituted, *left_out]),
            substituted=substituted,
            not_rehearsable=[*left_out, bootstrap],
            cables_expected=len(case.part.links),
        )


def _switches(case: Case) -> list[str]:
    roles = case.fabric.site.roles
    return [
        name
        for name in case.part.nodes
        if name in case.twin.targets and roles[case.twin.targets[name].role].kind == "switch"
    ]


def _differences(predicted: set[Change], applied: set[Change]) -> list[str]:
    """Compare, less packages: the image holds them all, so none is ever installed (see exempt)."""
    predicted, applied = ({c for c in each if not c.package} for each in (predicted, applied))
    missed = [f"predicted, not done: {c}" for c in sorted(predicted - applied)]
    return missed + [f"done, not predicted: {c}" for c in sorted(applied - predicted)]


def _shown(faults: list[str]) -> tuple[str, ...]:
    more = len(faults) - FAULTS_SHOWN
    return tuple(faults[:FAULTS_SHOWN] + [f"and {more} more"] * (more > 0))
