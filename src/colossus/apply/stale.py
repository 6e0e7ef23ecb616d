"""Whether a plan may still be applied: the world must be as it was when the plan was made."""

from collections.abc import Collection, Mapping

from colossus.errors import PlanRefused
from colossus.inventory.nodeset import fold
from colossus.plan.model import Plan
from colossus.plan.resource import State

OWN_CHANGE = frozenset({"create", "change", "delete", "forget"})
SHOWN = 3


def refuse_stale(plan: Plan, known: State, hosts: Collection[str]) -> None:
    """Refuse a plan whose `before` is no longer what was last applied to these hosts.

    A plan made live compared the hosts themselves; there the interpreter on each host judges.

    Raises:
        PlanRefused: naming the hosts and resources that moved since.
    """
    if plan.against == "live":
        return
    moved: dict[str, list[str]] = {}
    reached = True
    for step in plan.steps:
        for group in step.groups if step.action in OWN_CHANGE else ():
            for name in group.targets:
                found = known.get(name, {}).get(step.resource, "")
                reached = reached and found == group.after
                if name in hosts and found != group.before:
                    moved.setdefault(step.resource, []).append(name)
    if moved:
        raise PlanRefused(*_words(moved, reached=reached))


def refuse_foreign(plan: Plan, cluster: str) -> None:
    """Refuse a plan that was made for another cluster."""
    if plan.cluster != cluster:
        raise PlanRefused(
            f"the plan was made for {plan.cluster}, not for {cluster}", "Make one for this cluster."
        )


def _words(moved: Mapping[str, list[str]], *, reached: bool) -> tuple[str, str]:
    hosts = fold(sorted({name for names in moved.values() for name in names}))
    if reached:
        return f"the plan was applied already, on {hosts}", "Make a new plan; it will be empty."
    shown = [f"{resource} on {fold(sorted(names))}" for resource, names in moved.items()]
    rest = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return (
        f"the plan is stale: since it was made, {', '.join(shown[:SHOWN])}{rest} changed",
        "Make the plan again: `colossus plan INV --out FILE`.",
    )
