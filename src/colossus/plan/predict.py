"""What applying would do to one target; the interpreter on the host decides by the same rules.

A resource that is absent is created, one that differs is changed, triggered commands and services
follow what they watch, and what was applied once but is wanted no more is removed or forgotten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from colossus.inventory.playbook import KINDS, Kind
from colossus.plan.model import Action
from colossus.plan.resource import Resource, Target

REMOVABLE: frozenset[Kind] = frozenset({"file", "directory", "link"})
"""Kinds that are removed when they are wanted no more; packages and accounts stay."""
STATELESS: frozenset[Kind] = frozenset({"command", "check"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that applying would do to one target.

    because: ids of changed resources that trigger it; empty when its own state differs.
    """

    resource: str
    kind: Kind
    action: Action
    before: str
    after: str
    reason: str
    path: str = ""
    because: tuple[str, ...] = ()


def predict(target: Target, known: Mapping[str, str]) -> list[Change]:
    """Give the changes of one target in the order they are made.

    known: resource id → state digest, as found or last applied; empty for a new target.
    """
    changes: list[Change] = []
    moved: set[str] = set()
    for resource in target.resources:
        change = _change(resource, known.get(resource.id, ""), moved)
        if change is not None:
            changes.append(change)
            moved.add(resource.id)
    wanted = {resource.id for resource in target.resources}
    gone = sorted(identity for identity in known if identity not in wanted and known[identity])
    return [*changes, *_retirements(gone, known)]


def applied(target: Target) -> dict[str, str]:
    """Give the state of a target after a full apply: what has a state of its own."""
    return {
        resource.id: resource.digest
        for resource in target.resources
        if resource.kind != "check" and not resource.triggered_only
    }


def _change(resource: Resource, before: str, moved: set[str]) -> Change | None:
    if resource.kind == "check":
        return None
    because = tuple(each for each in resource.on if each in moved)
    differs = before != resource.digest and not resource.triggered_only
    action = _action(resource, before, differs=differs, triggered=bool(because))
    if action is None:
        return None
    return Change(
        resource=resource.id,
        kind=resource.kind,
        action=action,
        before=before if differs else resource.digest,
        after=resource.digest,
        reason=resource.reason,
        path=_path(resource),
        because=() if differs else because,
    )


def _action(resource: Resource, before: str, *, differs: bool, triggered: bool) -> Action | None:
    if resource.kind == "command":
        return "run" if differs or triggered else None
    if differs:
        if resource.kind == "absent":
            return "delete"
        return "change" if before else "create"
    if resource.kind == "service" and triggered and resource.body.get("running"):
        verb = resource.body.get("on_change")
        return cast("Action", verb) if verb in ("restart", "reload") else None
    return None


def _path(resource: Resource) -> str:
    if resource.kind in REMOVABLE or resource.kind == "absent":
        return str(resource.body.get("path", ""))
    return ""


def _retirements(gone: list[str], known: Mapping[str, str]) -> Iterator[Change]:
    for identity in gone:
        word, _, name = identity.partition(":")
        kind = next((each for each in KINDS if each == word), None)
        if kind is None or kind in STATELESS:
            continue
        removed = kind in REMOVABLE
        yield Change(
            resource=identity,
            kind=kind,
            action="delete" if removed else "forget",
            before=known[identity],
            after="",
            reason="no longer in the plan" if removed else "no longer in the plan; left as it is",
            path=name if removed or kind == "absent" else "",
        )
