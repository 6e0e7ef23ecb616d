"""The plan as a JSON document, and back: exact, digested, the same bytes for the same plan.

The outside contract fixes `schema_version`, `digest`, `steps` and `summary`; the rest is what apply
needs, so that a saved plan is all it needs. Targets, layouts and resources are folded (`fold.py`).
"""

import json
from dataclasses import asdict, replace
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from colossus.errors import PlanRefused
from colossus.inventory.nodeset import NodeSetError, expand, fold
from colossus.inventory.playbook import Kind
from colossus.plan.fold import FoldedTarget, fold_targets, unfold_resources
from colossus.plan.model import SCHEMA_VERSION, Action, Plan, Step, StepGroup, Summary
from colossus.plan.resource import Json, Resource, Target, canonical, digest_of

_HINT = "make the plan again: colossus plan INV --out FILE"


class _Document(BaseModel):
    """A part of the document; unknown keys are kept out, so that nothing is applied unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupDocument(_Document):
    """Targets (folded) that go from the same state to the same state; empty = absent."""

    targets: str
    before: str
    after: str


class StepDocument(_Document):
    """One step; path only for what has one."""

    id: str
    kind: Kind
    action: Action
    resource: str
    role: str
    targets: str
    path: str | None = None
    reason: str
    needs: tuple[str, ...]
    groups: tuple[GroupDocument, ...]


class SummaryDocument(_Document):
    """What the plan adds up to, over all targets."""

    add: int
    change: int
    destroy: int
    hosts_new: int
    hosts_changed: int
    hosts_untouched: int
    reboots: int


class ResourceDocument(_Document):
    """One resource; body as plan/resource.py describes it."""

    id: str
    kind: Kind
    body: dict[str, Any]
    on: tuple[str, ...]
    reason: str


class TargetDocument(_Document):
    """One target: layout is its list of resources, own the places where it has others."""

    role: str
    playbook: str
    rack: str
    address: str
    manage: Literal["apply", "render", "observe"]
    wave: str
    manifest: str
    layout: int
    own: tuple[tuple[int, int], ...] = ()


class PlanDocument(_Document):
    """The whole document. digest: SHA-256 over everything else, as canonical JSON."""

    schema_version: Literal[1]
    digest: str
    cluster: str
    against: str
    inventory_digest: str
    summary: SummaryDocument
    steps: tuple[StepDocument, ...]
    retired: dict[str, str]
    targets: dict[str, TargetDocument]
    layouts: tuple[tuple[int, ...], ...]
    resources: tuple[ResourceDocument, ...]
    blobs: dict[str, str]


def sealed(plan: Plan) -> Plan:
    """Give the plan with its digest."""
    return replace(plan, digest=_digest(to_document(plan)))


def to_document(plan: Plan) -> dict[str, Json]:
    """Give the plan as a JSON document."""
    folded = fold_targets(plan.targets)
    document = PlanDocument(
        schema_version=SCHEMA_VERSION,
        digest=plan.digest,
        cluster=plan.cluster,
        against=plan.against,
        inventory_digest=plan.inventory_digest,
        summary=SummaryDocument(**asdict(plan.summary)),
        steps=tuple(_step_document(step) for step in plan.steps),
        retired=dict(plan.retired),
        targets={
            name: TargetDocument(
                role=target.role,
                playbook=target.playbook,
                rack=target.rack,
                address=target.address,
                manage=target.manage,
                wave=target.wave,
                manifest=target.manifest,
                layout=folded.targets[name].layout,
                own=folded.targets[name].own,
            )
            for name, target in plan.targets.items()
        },
        layouts=folded.layouts,
        resources=tuple(
            ResourceDocument(id=r.id, kind=r.kind, body=dict(r.body), on=r.on, reason=r.reason)
            for r in folded.resources
        ),
        blobs=dict(plan.blobs),
    )
    return cast("dict[str, Json]", document.model_dump(mode="json", exclude_none=True))


def to_text(plan: Plan) -> str:
    """Give the document as the text that `--out` writes and `--format json` prints."""
    return json.dumps(to_document(plan), indent=1, ensure_ascii=False) + "\n"


def from_text(text: str) -> Plan:
    """Read a saved plan. Raises PlanRefused when it is damaged or was edited."""
    try:
        document = PlanDocument.model_validate_json(text)
        plan = _plan(document)
    except (ValidationError, NodeSetError, IndexError, RecursionError) as problem:
        raise PlanRefused("this is not a plan, or it is damaged", _HINT) from problem
    whole = _digest(json.loads(text))
    if whole != document.digest:
        raise PlanRefused(
            f"the plan was changed after it was made: its digest is {whole[:12]}…, and it says"
            f" {document.digest[:12]}…",
            _HINT,
        )
    _refuse_unsound(plan, document)
    return plan


def _plan(document: PlanDocument) -> Plan:
    resources = [
        Resource(id=r.id, kind=r.kind, body=r.body, on=r.on, reason=r.reason)
        for r in document.resources
    ]
    return Plan(
        cluster=document.cluster,
        against=document.against,
        steps=tuple(_step(step) for step in document.steps),
        summary=Summary(**document.summary.model_dump()),
        targets={
            name: Target(
                name=name,
                role=each.role,
                playbook=each.playbook,
                rack=each.rack,
                address=each.address,
                resources=unfold_resources(
                    FoldedTarget(each.layout, each.own),
                    document.layouts,
                    resources,
                ),
                manage=each.manage,
                wave=each.wave,
            )
            for name, each in document.targets.items()
        },
        blobs=document.blobs,
        retired=document.retired,
        inventory_digest=document.inventory_digest,
        digest=document.digest,
    )


def _refuse_unsound(plan: Plan, document: PlanDocument) -> None:
    """Refuse contents that are not what their names say, and targets without their contents."""
    wrong = [digest for digest, text in plan.blobs.items() if digest_of(text) != digest]
    wrong += [n for n, t in plan.targets.items() if t.manifest != document.targets[n].manifest]
    contents = (r.body.get("content") for t in plan.targets.values() for r in t.resources)
    wrong += [str(each) for each in contents if each is not None and each not in plan.blobs]
    if wrong:
        raise PlanRefused(f"the plan does not hold what it names: {wrong[0][:64]}", _HINT)


def _digest(document: Json) -> str:
    if not isinstance(document, dict):
        return ""
    return digest_of(canonical({key: each for key, each in document.items() if key != "digest"}))


def _step_document(step: Step) -> StepDocument:
    return StepDocument(
        id=step.id,
        kind=step.kind,
        action=step.action,
        resource=step.resource,
        role=step.role,
        targets=fold(step.targets),
        path=step.path or None,
        reason=step.reason,
        needs=step.needs,
        groups=tuple(
            GroupDocument(targets=fold(group.targets), before=group.before, after=group.after)
            for group in step.groups
        ),
    )


def _step(step: StepDocument) -> Step:
    return Step(
        id=step.id,
        kind=step.kind,
        action=step.action,
        resource=step.resource,
        role=step.role,
        groups=tuple(
            StepGroup(tuple(expand(each.targets)), each.before, each.after) for each in step.groups
        ),
        reason=step.reason,
        needs=step.needs,
        path=step.path or "",
    )
