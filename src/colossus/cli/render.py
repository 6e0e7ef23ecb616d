"""Write every configuration file into a folder."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, checked
from colossus.cli.targets import limited_to, rendered, rendered_for_twin
from colossus.cli.views.messages import put, say
from colossus.errors import UsageError
from colossus.inventory.nodeset import fold
from colossus.plan.resource import Desired
from colossus.render.folder import write_folder


def render(
    inventory: Inventory,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
    stage: StageName = "",
    limit: Annotated[
        str,
        typer.Option("--limit", metavar="NODESET", help="Only these: gpu-[0001-0004], rack=a01."),
    ] = "",
    *,
    twin: Annotated[
        bool,
        typer.Option("--twin", help="As a rehearsal gets them; lists what it replaces."),
    ] = False,
) -> int:
    """Write every configuration file into a folder: DIR/HOST/etc/...

    Where a file is a secret, its reference stands instead. DIR is replaced as a whole; a folder
    that `colossus render` has not written is refused unless it is empty.
    """
    site = checked(inventory, stage)
    made = rendered_for_twin(site) if twin else rendered(site)
    wanted = limited_to(limit, site.designed.fabric) if limit else frozenset(made.desired.targets)
    desired = limited(made.desired, wanted)
    count = write_folder(desired, out)
    put(f"wrote {count} files of {len(desired.targets)} hosts to {out}")
    for each in made.substituted:
        say(f"substituted for the twin: {each}")
    return 0


def limited(desired: Desired, wanted: Collection[str]) -> Desired:
    """Keep only some targets; raises UsageError for names that are none."""
    unknown = [name for name in wanted if name not in desired.targets]
    if unknown:
        raise UsageError(
            f"no such host with a playbook: {fold(unknown)}",
            f"there are {fold(desired.targets)}",
        )
    return replace(desired, targets={name: desired.targets[name] for name in sorted(wanted)})
