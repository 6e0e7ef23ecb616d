"""Desired minus known is the plan: all changes of all targets, folded into ordered steps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from colossus.inventory.playbook import Kind
from colossus.plan.document import sealed
from colossus.plan.fold import merged, ordered
from colossus.plan.model import Action, Plan, Step, StepGroup, Summary
from colossus.plan.order import wave_place
from colossus.plan.predict import Change, applied, predict
from colossus.plan.resource import Desired, State, Target

_REBOOTS = ("reboot", "shutdown")


@dataclass(frozen=True, slots=True)
class _Key:
    """What makes changes of several targets one step."""

    wave: int
    role: str
    place: int
    fresh: bool
    resource: str
    action: Action

    def order(self) -> tuple[int, str, int, bool, Action]:
        """Give what steps are sorted by; new targets come before those that exist."""
        return (self.wave, self.role, self.place, not self.fresh, self.action)

    @property
    def id(self) -> str:
        """Give the step's id: readable, and the same whatever the contents are."""
        word = "new" if self.fresh and self.action == "create" else self.action
        suffix = "@new" if self.fresh and self.action != "create" else ""
        return f"{self.role}/{self.resource}/{word}{suffix}"


def make_plan(desired: Desired, state: State, *, against: str, inventory_digest: str) -> Plan:
    """Give the plan that leads from a known state to the desired one.

    state: target → resource id → digest; a target that is missing is new. against: what the state
    was taken from (`journal`, `live`, `nothing`, a revision). Same input, same plan.
    """
    managed = {n: t for n, t in sorted(desired.targets.items()) if t.manage == "apply"}
    changes = {name: predict(target, state.get(name, {})) for name, target in managed.items()}
    fresh = frozenset(name for name in managed if not state.get(name))
    steps = _linked(_steps(managed, changes, fresh), managed)
    touched = {name: managed[name] for name, made in changes.items() if made}
    retired = sorted(name for name in state if name not in desired.targets and state[name])
    return sealed(
        Plan(
            cluster=desired.cluster,
            against=against,
            steps=steps,
            summary=_summary(desired, steps, fresh),
            targets=touched,
            blobs=_blobs(desired, touched.values()),
            retired=dict.fromkeys(retired, "no longer in the site; nothing on it is changed"),
            inventory_digest=inventory_digest,
        ),
    )


def state_of(desired: Desired) -> dict[str, dict[str, str]]:
    """Give what targets would be after a full apply; what `--base` compares with."""
    managed = (target for target in desired.targets.values() if target.manage == "apply")
    return {target.name: applied(target) for target in managed}


def _steps(
    targets: Mapping[str, Target],
    changes: Mapping[str, list[Change]],
    fresh: frozenset[str],
) -> list[Step]:
    """Fold the changes of all targets into steps, by wave, role and place in the playbook."""
    places = _places(targets, changes)
    found: dict[_Key, list[tuple[str, Change]]] = defaultdict(list)
    for name, made in changes.items():
        target = targets[name]
        for change in made:
            key = _Key(
                wave=wave_place(target.wave),
                role=target.role,
                place=places[target.role][change.resource],
                fresh=name in fresh,
                resource=change.resource,
                action=change.action,
            )
            found[key].append((name, change))
    return [_step(key, found[key]) for key in sorted(found, key=_Key.order)]


def _places(
    targets: Mapping[str, Target],
    changes: Mapping[str, list[Change]],
) -> dict[str, dict[str, int]]:
    """Give the place of every changed resource in the order of its role."""
    lists: dict[str, dict[tuple[str, ...], None]] = defaultdict(dict)
    for name, made in changes.items():
        if made:
            wanted = [resource.id for resource in targets[name].resources]
            gone = [change.resource for change in made if change.after == ""]
            lists[targets[name].role][*wanted, *gone] = None
    return {
        role: {identity: place for place, identity in enumerate(merged(each))}
        for role, each in lists.items()
    }


def _step(key: _Key, changes: list[tuple[str, Change]]) -> Step:
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, change in changes:
        pairs[change.before, change.after].append(name)
    groups = [StepGroup(ordered(names), *pair) for pair, names in pairs.items()]
    first = changes[0][1]
    return Step(
        id=key.id,
        kind=first.kind,
        action=key.action,
        resource=key.resource,
        role=key.role,
        groups=tuple(sorted(groups, key=lambda group: (group.targets, group.before, group.after))),
        reason=_reason(key, [change for _, change in changes]),
        path=first.path,
    )


def _reason(key: _Key, changes: list[Change]) -> str:
    reason = changes[0].reason
    if key.fresh:
        return f"new: {reason}"
    causes = sorted({cause for change in changes for cause in change.because})
    if not causes:
        return reason
    more = f" and {len(causes) - 1} more change" if len(causes) > 1 else " changes"
    return f"{causes[0].partition(':')[2]}{more}: {reason}"


def _linked(steps: list[Step], targets: Mapping[str, Target]) -> tuple[Step, ...]:
    """Say what each step needs: the step before it on its targets, or the waves before it."""
    last: dict[str, str] = {}
    ends: dict[int, dict[str, str]] = defaultdict(dict)
    linked = []
    for step in steps:
        wave = wave_place(targets[step.targets[0]].wave)
        needs = {last[name] for name in step.targets if name in last}
        if any(name not in last for name in step.targets):
            earlier = [each for each in ends if each < wave]
            needs |= set(ends[max(earlier)].values()) if earlier else set()
        linked.append(replace(step, needs=tuple(sorted(needs))))
        for name in step.targets:
            last[name] = ends[wave][name] = step.id
    return tuple(linked)


def _summary(desired: Desired, steps: Iterable[Step], fresh: frozenset[str]) -> Summary:
    counts: dict[str, int] = defaultdict(int)
    changed: set[str] = set()
    rebooted: set[str] = set()
    for step in steps:
        for group in step.groups:
            # A command without a state of its own is a consequence, not a change.
            own = step.action != "run" or group.before != group.after
            counts[step.action if own else "consequence"] += len(group.targets)
        if step.action != "forget":
            changed.update(step.targets)
        if _boots(step, desired):
            rebooted.update(step.targets)
    return Summary(
        add=counts["create"],
        change=counts["change"] + counts["run"],
        destroy=counts["delete"],
        hosts_new=len(fresh),
        hosts_changed=len(changed - fresh),
        hosts_untouched=len(desired.targets) - len(changed | fresh),
        reboots=len(rebooted),
    )


def _boots(step: Step, desired: Desired) -> bool:
    """Whether a step is a command that boots its targets again."""
    kind: Kind = step.kind
    if kind != "command":
        return False
    resources = desired.targets[step.targets[0]].resources
    command = next((each for each in resources if each.id == step.resource), None)
    argv = command.body.get("argv") if command else None
    words = argv if isinstance(argv, list) else []
    return any(str(word).rpartition("/")[2] in _REBOOTS for word in words[:2])


def _blobs(desired: Desired, targets: Iterable[Target]) -> dict[str, str]:
    """Give the file contents that these targets refer to."""
    wanted = {
        str(resource.body["content"])
        for target in targets
        for resource in target.resources
        if "content" in resource.body
    }
    return {digest: desired.blobs[digest] for digest in sorted(wanted)}
