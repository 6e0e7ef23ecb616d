"""The machines of a twin as resources: the twin that they belong to is built with the first one.

Machines are wired to each other, so one of them alone makes no sense: those that the engine asks
for together are one twin. What is off is switched on, and the last one that goes takes the twin.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from colossus.errors import RehearsalFailed, UsageError
from colossus.load.playbooks import load_playbooks
from colossus.plan.resource import canonical
from colossus.render.desired import render_with_report
from colossus.stacks.program import Declared
from colossus.stacks.site import SoundSite, sound_site
from colossus.twin import state
from colossus.twin.base import TierName, Twin, TwinSpec
from colossus.twin.of_site import spec_of
from colossus.twin.slices import slice_of
from colossus.twin.tiers import new_twin, room_of, standing
from colossus.twin.untold import untold_ports

KIND = "VirtualMachine"
TIERS: tuple[TierName, ...] = ("vm", "ns")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One machine: the node of a twin, and what that twin is made from.

    inventory: folder with cluster.yaml. part: as `--slice`. parts: digest of the twin's parts list,
    so that a changed site makes its machines anew.
    """

    twin: str
    node: str
    tier: str
    inventory: str
    part: str
    parts: str

    def faults(self) -> list[tuple[str, str]]:
        """Give property and reason of what makes no sense."""
        found = [
            (name, "is missing")
            for name, value in asdict(self).items()
            if name != "part" and not value
        ]
        if self.tier and self.tier not in TIERS:
            found.append(("tier", f"must be one of {', '.join(TIERS)}"))
        return found


def wanted_of(properties: Mapping[str, object]) -> Wanted:
    """Read a machine's properties; what is not there is empty."""
    names = Wanted.__dataclass_fields__
    return Wanted(**{name: str(properties.get(name, "")) for name in names})


def declared(folder: Path, tier: TierName, part: str) -> list[Declared]:
    """Give the resources of a site's twin: a machine for each node, switches and hosts alike."""
    spec = _spec(sound_site(folder), tier, part)
    made = [
        Wanted(spec.name, node.name, tier, str(folder), part, _digest(spec)) for node in spec.nodes
    ]
    return [Declared(KIND, each.node, asdict(each)) for each in made]


def create(batch: Sequence[Wanted]) -> None:
    """Bring machines up, in the one twin that they are of.

    Raises:
        RehearsalFailed: this machine lacks something for it, or they do not come up.
    """
    first = batch[0]
    spec = _spec(sound_site(Path(first.inventory)), _tier(first), first.part)
    if _digest(spec) != first.parts:
        raise UsageError("the site has changed since this was planned", "Run it again.")
    twin = _twin(first.twin)
    if twin is not None and _digest(twin.spec) != first.parts:
        twin.down()
        twin = None
    if twin is None:
        twin = new_twin(_tier(first), spec, lasting=True, tell=lambda _: None)
        twin.up()
    off = set(twin.status().down)
    for each in batch:
        if each.node in off:
            twin.power_on(each.node)


def power(wanted: Wanted) -> str:
    """Say whether a machine is `on` or `off`; empty where its twin is not there any more."""
    twin = _twin(wanted.twin)
    if twin is None or wanted.node not in {node.name for node in twin.spec.nodes}:
        return ""
    return "on" if wanted.node in twin.status().up else "off"


def delete(wanted: Wanted) -> None:
    """Cut a machine's power; the twin goes with the last one."""
    twin = _twin(wanted.twin)
    if twin is None:
        return
    if set(twin.status().up) <= {wanted.node}:
        twin.down()
    elif power(wanted) == "on":
        twin.down_device(wanted.node)


def _twin(name: str) -> Twin | None:
    """Take hold of a twin; None where none of that name is up."""
    if name not in state.names():
        return None
    try:
        return standing(name)
    except RehearsalFailed:
        return None


def _tier(wanted: Wanted) -> TierName:
    return "ns" if wanted.tier == "ns" else "vm"


def _spec(site: SoundSite, tier: TierName, part: str) -> TwinSpec:
    chosen = slice_of(site.fabric, part, room_of(tier))
    playbooks = load_playbooks(site.fabric.site, site.folder)
    untold = untold_ports(site.fabric, chosen, tier)
    made = render_with_report(
        site.fabric, playbooks, overlay="twin", only=chosen.nodes, untold=untold
    )
    return spec_of(site.fabric, made.desired, chosen, site.fabric.site.cluster, untold)


def _digest(spec: TwinSpec) -> str:
    listed = canonical([[str(each)] for each in (*spec.nodes, *spec.cables, *spec.open_ports)])
    return hashlib.sha256(listed.encode()).hexdigest()
