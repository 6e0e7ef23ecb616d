"""Which steps of a plan a twin rehearses to the letter, which in substitution, which not at all."""

from collections.abc import Iterator, Sequence

from colossus.diagnostics import counted
from colossus.plan.model import Plan, Step
from colossus.plan.resource import Desired
from colossus.render.resolve import Substituted
from colossus.twin.base import End
from colossus.twin.report import Exempt
from colossus.twin.slices import Slice

IMAGE_HOLDS = "the twin's image holds the packages already; nothing is downloaded"
SHARED = "a folder that the twin's nodes share stands for the shared file system"
DIFFERS = "its content differs in the twin"
UNTOLD = "another switch of its model has all ports here; this one is told of those with a cable"
MADE_UP = "a rehearsal makes up its own secret; the site's is not read"


def verbatim_steps(plan: Plan, exempt: Sequence[Exempt]) -> int:
    """Count the steps that are carried out exactly as written."""
    return len({step.id for step in plan.steps} - {item.step for item in exempt})


def substituted_steps(
    plan: Plan,
    production: Desired,
    twin: Desired,
    overlay: Sequence[Substituted],
    shared: str = "",
    untold: Sequence[End] = (),
) -> Iterator[Exempt]:
    """Name the steps whose content differs in the twin; overlay: the settings it replaced.

    shared: the folder that lies on a shared file system, empty for none. untold: ports that their
    nodes are not told of.
    """
    short = {end.node for end in untold}
    for step in plan.steps:
        if step.kind == "package":
            yield Exempt(step.id, IMAGE_HOLDS)
        elif shared and step.resource == f"directory:{shared}":
            yield Exempt(step.id, SHARED)
        elif _holds_secret(step, production):
            yield Exempt(step.id, MADE_UP)
        elif step.path and _differs(step, production, twin):
            replaced = [str(each) for each in overlay if each.file == step.path]
            otherwise = DIFFERS if short.isdisjoint(step.targets) else UNTOLD
            for reason in replaced or [otherwise]:
                yield Exempt(step.id, reason)


def _resource(desired: Desired, host: str, identity: str) -> str | None:
    target = desired.targets.get(host)
    resources = target.resources if target else ()
    return next((each.digest for each in resources if each.id == identity), None)


def _differs(step: Step, production: Desired, twin: Desired) -> bool:
    return any(
        _resource(production, host, step.resource) != _resource(twin, host, step.resource)
        for host in step.targets
    )


def _holds_secret(step: Step, desired: Desired) -> bool:
    target = desired.targets.get(step.targets[0])
    resources = target.resources if target else ()
    return any(each.id == step.resource and "secret" in each.body for each in resources)


def not_rehearsable_steps(plan: Plan, part: Slice) -> Iterator[Exempt]:
    """Name the steps none of whose hosts is in the twin, the hosts that are not, and the cables.

    A slice is planned alone: its steps are those of the whole site's plan for these hosts.
    """
    here = set(part.nodes)
    for step in plan.steps:
        if here.isdisjoint(step.targets):
            yield Exempt(step.id, "none of its hosts is in the slice")
    if part.outside:
        yield Exempt(
            f"the steps of {counted(part.outside, 'more target')}",
            "outside the slice; a target of the same role stands for each",
        )
    if part.left_out:
        yield Exempt(
            f"{part.left_out} links",
            "their other end is a BMC, a PDU or outside the slice, which a twin does not have",
        )
