"""Build the virtual cluster and work on it by hand.

A twin that `twin up` built stays until `twin down`. `provision INV --connect twin --yes` applies
to it, `verify INV --connect twin` compares its neighbours with the plan.
"""

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, checked
from colossus.cli.targets import rendered_for_twin
from colossus.cli.views import twin as view
from colossus.cli.views.messages import say
from colossus.errors import RehearsalFailed, UsageError
from colossus.twin import cleanup, image, state
from colossus.twin.faults import end_of, fault_of
from colossus.twin.of_site import spec_of
from colossus.twin.slices import slice_of
from colossus.twin.stale import remove_stale_images
from colossus.twin.tiers import choose, new_twin, standing
from colossus.twin.untold import untold_ports
from colossus.twin.vm.image import ensure_vm_image
from colossus.twin.vm.preflight import preflight_machines


class Tier(StrEnum):
    """What a twin is built of."""

    AUTO = "auto"
    NS = "ns"
    VM = "vm"


app = typer.Typer(help=(__doc__ or "").partition("\n")[0], no_args_is_help=True)
breaking = typer.Typer(help="Break something on purpose.", no_args_is_help=True)
app.add_typer(breaking, name="break")

Name = Annotated[str, typer.Option("--name", help="Which twin, where several are up.")]
Device = Annotated[str, typer.Argument(metavar="DEVICE", help="A node of the twin.")]
Port = Annotated[str, typer.Argument(metavar="HOST:PORT", help="A device and its interface.")]


@app.command()
def up(
    inventory: Inventory,
    part: Annotated[
        str, typer.Option("--slice", help="Only these: hosts, racks, `unit=1`, or `auto`.")
    ] = "",
    stage: StageName = "",
    tier: Annotated[
        Tier, typer.Option("--twin", help="Namespaces, or machines; auto chooses.")
    ] = Tier.AUTO,
) -> None:
    """Build the twin of a site: every node as its installer leaves it, every cable in place."""
    site = checked(inventory, stage)
    fabric = site.designed.fabric
    ground = choose(tier, partial(slice_of, fabric, part))
    untold = untold_ports(fabric, ground.part, ground.tier)
    desired = rendered_for_twin(site, ground.part.nodes, untold).desired
    spec = spec_of(fabric, desired, ground.part, fabric.site.cluster, untold)
    twin = new_twin(ground.tier, spec, lasting=True, tell=say)
    say(f"building {spec.name} on tier {twin.tier} ({ground.reason}); {twin.accel}")
    twin.up()
    view.show_status([twin.status()])
    say(f"next: colossus provision {inventory} --connect twin --yes")


@app.command("status")
def status_(
    output: Annotated[view.Format, typer.Option("--format", help="How to print.")] = (
        view.Format.TEXT
    ),
) -> None:
    """List the twins of this machine, their nodes, and cables that are not as planned."""
    twins = [standing(name).status() for name in state.names()]
    view.show_status(twins, str(output))


@app.command(
    "exec",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
def exec_(
    host: Annotated[str, typer.Argument(metavar="HOST")],
    command: Annotated[list[str], typer.Argument(metavar="-- CMD...")],
    name: Name = "",
) -> int:
    """Run a command in a node of the twin, as root; its exit status is given back."""
    words = command[1:] if command[0] == "--" else command
    if not words:
        raise UsageError("no command given", f"Like: colossus twin exec {host} -- hostname")
    done = standing(name or the_twin(host)).exec(host, words, timeout=3600)
    view.relay(done.stdout, done.stderr)
    return done.exit


@app.command()
def console(
    host: Annotated[str, typer.Argument(metavar="HOST")],
    name: Name = "",
) -> int:
    """Open a node's console: the serial port of a machine, a shell in a namespace."""
    return standing(name or the_twin(host)).console(host)


@app.command()
def down(
    name: Name = "",
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Every twin of this machine, and what dead tools left."),
    ] = False,
) -> None:
    """Remove a twin with everything it made."""
    if everything:
        removed, busy = cleanup.remove_all()
        view.show_removed(removed, busy)
        return
    removed = [name or the_twin()]
    cleanup.remove(removed[0])
    view.show_removed(removed, [])


@app.command("image")
def image_(
    *,
    prune: Annotated[
        bool, typer.Option("--prune", help="Instead remove images that this version does not use.")
    ] = False,
) -> None:
    """Build the base image of the twin's nodes, unless it is there already."""
    if prune:
        for path in remove_stale_images():
            say(f"removed {path}")
        return
    say(f"image: {image.ensure_image(say)}")
    if not preflight_machines():
        say(f"image of machines: {ensure_vm_image(say).folder}")


@breaking.command()
def swap(one: Port, other: Port, name: Name = "") -> None:
    """Exchange the two plugs in these ports."""
    first, second = end_of(one), end_of(other)
    standing(name or the_twin(first.node)).swap(first, second)
    say(f"swapped {first} and {second}")


@breaking.command()
def dead(end: Port, name: Name = "") -> None:
    """Break the cable in this port."""
    port = end_of(end)
    standing(name or the_twin(port.node)).dead(port)
    say(f"{port} has no link now")


@breaking.command("nic-order")
def nic_order(one: Port, other: Port, name: Name = "") -> None:
    """Number two cards of a host the other way round."""
    _strike(name, "nic-order", one, other)


@breaking.command("no-boot")
def no_boot(host: Device, name: Name = "") -> None:
    """Let a host hang: it has power and a carrier, but nobody answers."""
    _strike(name, "no-boot", host)


@breaking.command()
def slow(host: Device, name: Name = "") -> None:
    """Let a host answer seconds later than the others."""
    _strike(name, "slow", host)


@breaking.command("host-key")
def host_key(host: Device, name: Name = "") -> None:
    """Give a host another key than the known one."""
    _strike(name, "host-key", host)


@breaking.command("disk-full")
def disk_full(host: Device, name: Name = "") -> None:
    """Fill a host's disk."""
    _strike(name, "disk-full", host)


def _strike(name: str, kind: str, *objects: str) -> None:
    fault = fault_of(kind, *objects)
    fault.inject(standing(name or the_twin(fault.devices[0])))
    say(f"broken: {fault}")


@app.command()
def mend(name: Name = "") -> None:
    """Plug every cable back in as planned and give every node its power."""
    twin = standing(name or the_twin())
    for node in twin.status().down:
        twin.power_on(node)
    twin.mend()
    view.show_status([twin.status()])


@breaking.command("down")
def power_off(
    device: Device,
    name: Name = "",
) -> None:
    """Cut a node's power; power losses and failovers at their moment are for --faults."""
    standing(name or the_twin(device)).down_device(device)
    say(f"{device} is off")


def the_twin(node: str = "") -> str:
    """Name the only twin that is up, or the only one with this node."""
    names = state.names()
    if node:
        names = [each for each in names if node in {n.name for n in standing(each).spec.nodes}]
    if len(names) == 1:
        return names[0]
    if not names:
        what = f"no twin with a node named {node!r} is up" if node else "no twin is up"
        raise RehearsalFailed(what, "`colossus twin up INV` builds one")
    raise UsageError(f"several twins are up: {', '.join(names)}", "Choose one with --name.")
