"""Why a fabric that is no Clos has the shape it has: what was stated, and what follows."""

from collections.abc import Iterator

from colossus.diagnostics import counted
from colossus.fabric.model import Fabric
from colossus.fabric.why import Reason
from colossus.inventory.fabrics import FabricIntent
from colossus.inventory.topologies import Dragonfly, Mesh


def why_topology(fabric: Fabric, name: str) -> list[Reason]:
    """Explain a fabric by name; empty for a Clos, and where there is none of that name."""
    intent = fabric.site.fabrics.get(name)
    if intent is None or intent.clos:
        return []
    path = f"fabrics.{name}"
    if intent.dragonfly:
        return list(_dragonfly(f"{path}.dragonfly", intent.dragonfly))
    if intent.mesh:
        return list(_mesh(f"{path}.mesh", intent.mesh))
    return list(_plain(path, intent))


def _plain(path: str, intent: FabricIntent) -> Iterator[Reason]:
    if intent.topology == "nvlink":
        yield Reason(
            f"link l of every accelerator of a rack goes to chip l of its {intent.switch_role}",
            "accelerators and chips count by tray from the bottom, and no link leaves the rack",
            f"{path}.switch_role",
        )
        yield Reason(
            "accelerator g of the rack has port g of every chip, without cables",
            "the rack's cartridge joins all of them",
            f"{path}.switch_ports",
        )
    elif intent.by_rack:
        yield Reason(
            f"each device plugs into the {intent.by_rack.access.role} of its own rack",
            "the fabric goes by racks; a device's port follows from its U position",
            f"{path}.by_rack",
        )
    elif intent.topology == "single":
        yield Reason(
            f"one tier of {intent.switch_role} takes all ends",
            "devices take its ports one after the other; cluster.lock keeps them",
            f"{path}.switch_role",
        )
    else:
        yield Reason("its ports leave the model", "others cable them", f"{path}.topology")


def _dragonfly(path: str, dragonfly: Dragonfly) -> Iterator[Reason]:
    yield Reason(
        f"a group is {dragonfly.switches_per_group} switches, each with a link to all others",
        "switches make groups in the order of their numbers; cluster.lock keeps them",
        f"{path}.switches_per_group",
    )
    yield Reason(
        f"a group takes {counted(dragonfly.hosts_per_group, 'host')}, each cable of a host at a"
        " switch of its own",
        "a host belongs to the group whose switches stand in its rack",
        f"{path}.hosts_per_group",
    )
    yield Reason(
        f"any two groups have {counted(dragonfly.links_per_group_pair, 'link')}",
        "it is stated; they leave the switches of a group in turn, new groups last",
        f"{path}.links_per_group_pair",
    )


def _mesh(path: str, mesh: Mesh) -> Iterator[Reason]:
    yield Reason(
        f"a tray is {mesh.rows} x {mesh.columns} tiles, linked where they stand side by side",
        "port 4t of a tray is the north edge of tile t, then east, south, west",
        f"{path}.rows",
    )
    yield Reason(
        f"{counted(mesh.cabinets, 'cabinet')} in a row are one mesh at each level, of"
        f" {mesh.trays_per_cabinet}",
        "east edges of a tray meet west edges of the tray at its level of the next cabinet",
        f"{path}.cabinets",
    )
    yield Reason(
        f"interface hosts serve the edges {', '.join(mesh.card_edges)} of a tray in turn",
        "hosts count by number, as many to a tray as it has such edges",
        f"{path}.card_edges",
    )
