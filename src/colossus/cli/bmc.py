"""Power, boot order and installation of hosts through their BMCs (Redfish).

Nothing here happens in passing: whatever switches a machine asks first, or wants --yes, and an
install is armed host by host. What is active is never installed without --reinstall.
"""

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from colossus.cli.installing import Install, armed_hosts, disarm_hosts, install_hosts
from colossus.cli.opening import Inventory, Opened, checked, opened
from colossus.cli.views import bmc as view
from colossus.cli.views.messages import say
from colossus.errors import TransportFailed, UsageError
from colossus.inventory.nodeset import NodeSetError, expand, fold, fold_short
from colossus.transport.bmcs import bmc_endpoints
from colossus.transport.redfish import BmcEndpoint, BootFrom, Power, Redfish
from colossus.transport.secrets import Secret, resolve

app = typer.Typer(help=(__doc__ or "").partition("\n")[0], no_args_is_help=True)
Result = TypeVar("Result")
# BMCs share one management network and one password store; more at once gains little.
AT_ONCE = 16

Hosts = Annotated[
    str, typer.Argument(metavar="NODESET", help="Hosts or racks: gpu-[0001-0004],a02.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def show(
    inventory: Inventory,
    hosts: Annotated[str, typer.Argument(metavar="[NODESET]", help="Hosts or racks.")] = "",
    output: Annotated[view.Format, typer.Option("--format", help="How to print.")] = (
        view.Format.TEXT
    ),
) -> int:
    """Show what machines say of themselves: power, model, serial number, NICs; only reads."""
    site = opened(inventory)
    found, faults = _each(site, _named(site, hosts), Redfish.machine)
    view.show_machines(found, _serials(site), str(output))
    return _ended(faults)


@app.command()
def power(
    inventory: Inventory,
    hosts: Hosts,
    wanted: Annotated[Power, typer.Argument(help="What to do.")],
    *,
    yes: Yes = False,
) -> int:
    """Switch machines: on, off at once, shutdown by the system, cycle (off and on)."""
    return _told(inventory, hosts, f"power {wanted}", lambda bmc: bmc.set_power(wanted), yes=yes)


@app.command()
def boot(
    inventory: Inventory,
    hosts: Hosts,
    source: Annotated[
        BootFrom, typer.Argument(help="Where the next boot, and only it, comes from.")
    ],
    *,
    yes: Yes = False,
) -> int:
    """Choose where the next boot comes from; nothing is switched, and nothing is armed."""
    return _told(
        inventory, hosts, f"next boot from {source}", lambda bmc: bmc.boot_once(source), yes=yes
    )


@app.command()
def install(
    inventory: Inventory,
    hosts: Hosts,
    within: Annotated[
        int, typer.Option("--within", min=60, max=86400, help="Seconds until it is forgotten.")
    ] = 3600,
    wait: Annotated[
        int, typer.Option("--wait", min=0, help="Wait so many seconds for the hosts' sshd.")
    ] = 0,
    *,
    yes: Yes = False,
    reinstall: Annotated[
        bool, typer.Option("--reinstall", help="Also what is active: its disk is overwritten.")
    ] = False,
) -> int:
    """Arm hosts for one install, boot them from the network, and know the keys they come up with.

    Their disks are overwritten. Hosts must be planned or staged, or --reinstall says so. Each gets
    a new host key; its public half goes into the site's known_hosts before the host has power.
    """
    site = checked(inventory)
    names = _named(site, hosts)
    asked = Install(names, within, wait, reinstall=reinstall)
    asked.refuse_active(site.designed.fabric)
    endpoints = bmc_endpoints(site.designed.fabric, names, site.loaded.folder)
    _ask(f"install, overwriting the disks of {fold_short(names)}", yes=yes)
    return _ended(install_hosts(site, asked, endpoints, _password(site)))


@app.command()
def armed(inventory: Inventory) -> int:
    """List the hosts that are armed for an install, and how long."""
    view.show_armed(armed_hosts(checked(inventory)))
    return 0


@app.command()
def disarm(inventory: Inventory, hosts: Hosts) -> int:
    """Take armings back that were not used yet."""
    site = checked(inventory)
    names = _named(site, hosts)
    disarm_hosts(site, names)
    say(f"not armed: {fold(names)}")
    return 0


def _told(
    inventory: Path, hosts: str, what: str, act: Callable[[Redfish], object], *, yes: bool
) -> int:
    """Tell machines to do something, once the operator agrees; gives the exit status."""
    site = opened(inventory)
    names = _named(site, hosts)
    _ask(f"{what}: {fold_short(names)}", yes=yes)
    done, faults = _each(site, names, act)
    say(f"{what}: {fold(done) or 'no host'}")
    return _ended(faults)


def _each(
    site: Opened, names: list[str], act: Callable[[Redfish], Result]
) -> tuple[dict[str, Result], dict[str, str]]:
    """Ask the BMCs of these hosts; gives what each answered, and why others did not."""
    endpoints = bmc_endpoints(site.designed.fabric, names, site.loaded.folder)
    password = _password(site)

    def ask(endpoint: BmcEndpoint) -> Result | TransportFailed:
        try:
            with Redfish(endpoint, password) as bmc:
                return act(bmc)
        except TransportFailed as fault:
            return fault

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = dict(zip(names, threads.map(ask, endpoints.values()), strict=True))
    found: dict[str, Result] = {}
    faults: dict[str, str] = {}
    for name, answer in answers.items():
        if isinstance(answer, TransportFailed):
            faults[name] = f"{answer.summary} {answer.hint}".strip()
        else:
            found[name] = answer
    return found, faults


def _password(site: Opened) -> Callable[[], Secret]:
    access, folder = site.loaded.accepted().bmc, site.loaded.folder
    return lambda: resolve(access.password if access else "", Path(folder))


def _named(site: Opened, folded: str) -> list[str]:
    """Give the hosts that a node set names, racks by their hosts; none named: every host."""
    fabric = site.designed.fabric
    servers = {
        fabric.devices.names[row]: fabric.device(row).rack
        for row in range(len(fabric.devices.names))
        if fabric.equipment(row).kind == "server" and fabric.devices.present[row]
    }
    if not folded:
        return list(servers)
    try:
        words = expand(folded)
    except NodeSetError as fault:
        raise UsageError(str(fault), "Like gpu-[0001-0004] or a01.") from None
    lost = set(words) - servers.keys() - set(servers.values())
    if lost:
        raise UsageError(f"no host or rack is called {fold(lost)}", "`colossus show INV` has them.")
    return [name for name, rack in servers.items() if name in words or rack in words]


def _serials(site: Opened) -> Mapping[str, str]:
    """Give what assets.csv says of serial numbers, by host."""
    from colossus.fabric.assets import asset_devices

    fabric = site.designed.fabric
    return {
        fabric.devices.names[row]: fabric.assets[place].serial or ""
        for place, row in asset_devices(fabric).items()
    }


def _ask(what: str, *, yes: bool) -> None:
    """Let the operator agree; raises UsageError where nobody can answer."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"nothing was done ({what}): nobody can be asked here", "Add --yes.")
    typer.confirm(f"{what}?", abort=True)


def _ended(faults: Mapping[str, str]) -> int:
    """Say what failed; gives the exit status."""
    for words in faults.values():
        say(f"error: {words}")
    return TransportFailed.exit_status if faults else 0
