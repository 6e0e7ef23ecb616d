"""From `bmc install` to a host that installs itself: a new key, a seed, one netboot."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from colossus.apply.arming import BootServer
from colossus.apply.seed import Newcomer
from colossus.cli.opening import Opened
from colossus.cli.views.messages import say
from colossus.errors import TransportFailed, UsageError
from colossus.fabric.assets import macs_of
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric
from colossus.inventory.boot import Boot
from colossus.inventory.fabrics import SharedAddresses
from colossus.inventory.nodeset import fold_short
from colossus.load.writing import write_text
from colossus.transport.base import Endpoint
from colossus.transport.endpoints import endpoints_of, reach_of
from colossus.transport.keys import new_private_key, public_line
from colossus.transport.known_hosts import with_key
from colossus.transport.redfish import BmcEndpoint, BootFrom, Power, Redfish
from colossus.transport.secrets import Secret, resolve

INSTALLABLE = ("planned", "staged")
LOOK_SECONDS = 5.0


class _Reached(NamedTuple):
    """A host and its management address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Install:
    """What the operator wants: which hosts, armed for how long, waited for how long (seconds)."""

    hosts: list[str]
    within: int
    wait: int = 0
    reinstall: bool = False

    def refuse_active(self, fabric: Fabric) -> None:
        """Refuse hosts that are in use; raises UsageError before anything is contacted."""
        status = {name: fabric.device(fabric.device_index[name]).status for name in self.hosts}
        used = [name for name, word in status.items() if word not in INSTALLABLE]
        if used and not self.reinstall:
            raise UsageError(
                f"{fold_short(used)} is {status[used[0]]}: an install would overwrite its disk",
                "Set its status to staged in cluster.yaml, or add --reinstall.",
            )


def install_hosts(
    site: Opened,
    asked: Install,
    bmcs: Mapping[str, BmcEndpoint],
    password: Callable[[], Secret],
) -> dict[str, str]:
    """Arm each host, boot it over the network, wait for it; gives what failed, by host.

    What fails before a host has power leaves nothing: it is disarmed, and its old key stays known.
    """
    server = boot_server(site)
    server.armed()  # a server that does not answer must show before the first key is replaced
    authorized = _authorized_key(site)
    begun: dict[str, Endpoint] = {}
    faults: dict[str, str] = {}
    for name in asked.hosts:
        newcomer = _newcomer(site, name, authorized)
        known = _known_hosts(site)
        before = known.read_text(encoding="utf-8") if known.is_file() else ""
        try:
            server.arm(newcomer, asked.within)
            write_text(known, with_key(before, newcomer.names, newcomer.host_public))
            with Redfish(bmcs[name], password) as bmc:
                bmc.boot_once(BootFrom.NETWORK)
                bmc.set_power(Power.CYCLE)
            begun[name] = _endpoint(site, name)
            say(f"{name}: armed for {asked.within} s, booting over the network")
        except TransportFailed as fault:
            faults[name] = f"{fault.summary} {fault.hint}".strip()
            write_text(known, before)
            _take_back(server, name)
    if asked.wait:
        faults |= _await_sshd(site, begun, asked.wait)
    return faults


def armed_hosts(site: Opened) -> dict[str, int]:
    """Give the hosts that are armed, with the seconds that are left."""
    return boot_server(site).armed()


def disarm_hosts(site: Opened, hosts: list[str]) -> None:
    """Take armings back."""
    server = boot_server(site)
    for name in hosts:
        server.disarm(name)


def boot_server(site: Opened) -> BootServer:
    """Give the site's boot server, as SSH reaches it.

    Raises:
        UsageError: the site has none.
    """
    from colossus.transport.ssh import SshTransport

    fabric, boot = site.designed.fabric, _boot(site)
    code = fabric.roles.index(boot.server_role)
    rows = [row for row, role in enumerate(fabric.devices.role.tolist()) if role == code]
    present = [fabric.devices.names[row] for row in rows if fabric.devices.present[row]]
    if not present:
        raise UsageError(f"no {boot.server_role} is there at this stage", "Install it first.")
    return BootServer(SshTransport(site.loaded.folder), _endpoint(site, present[0]))


def _boot(site: Opened) -> Boot:
    boot = site.loaded.accepted().boot
    if boot is None:
        raise UsageError("the site has no boot server", "Add `boot:` to cluster.yaml.")
    return boot


def _newcomer(site: Opened, name: str, authorized: str) -> Newcomer:
    fabric = site.designed.fabric
    row, access = fabric.device_index[name], fabric.site.access
    device, address = fabric.device(row), management_addresses(fabric).get(row)
    plan = fabric.site.fabrics[access.fabric].addresses
    if device.role not in _boot(site).roles or address is None:
        raise UsageError(f"{name} does not boot over the network", "Add its role to boot.roles.")
    if not isinstance(plan, SharedAddresses):
        raise UsageError(f"fabric {access.fabric} is no shared network", "DHCP needs one.")
    ports = [group for group in fabric.equipment(row).ports if group.name == access.management_port]
    key = new_private_key()
    return Newcomer(
        name=name,
        fqdn=f"{name}.{fabric.site.domain}",
        interface=ports[0].interfaces[0],
        address=f"{address}/{plan.prefix.prefixlen}",
        gateway=str(plan.gateway or ""),
        host_key=key,
        host_public=public_line(key),
        authorized_key=authorized,
        machine_id=uuid.uuid4().hex,
        macs=macs_of(fabric).get(row, {}),
    )


def _authorized_key(site: Opened) -> str:
    """Give the public half of our own key, which installed hosts trust."""
    reference = site.loaded.accepted().access.key
    try:
        return public_line(resolve(reference, site.loaded.folder).reveal())
    except ValueError:
        raise UsageError(
            f"{reference} is no key in OpenSSH's form", "ssh-keygen -p -f FILE"
        ) from None


def _take_back(server: BootServer, name: str) -> None:
    """Disarm a host that got no power; what cannot be taken back runs out by itself."""
    try:
        server.disarm(name)
    except TransportFailed as fault:
        say(f"{name} may still be armed: {fault.summary}")


def _known_hosts(site: Opened) -> Path:
    named = Path(site.loaded.accepted().access.known_hosts).expanduser()
    return site.loaded.folder / named


def _endpoint(site: Opened, name: str) -> Endpoint:
    fabric = site.designed.fabric
    address = management_addresses(fabric).get(fabric.device_index[name])
    if address is None:
        raise UsageError(f"{name} has no management address", "Give its role a range.")
    reach = reach_of(site.loaded.accepted(), site.loaded.folder)
    return endpoints_of([_Reached(name, str(address))], reach)[name]


def _await_sshd(site: Opened, begun: Mapping[str, Endpoint], seconds: int) -> dict[str, str]:
    """Wait until each host shows its new key and lets us in."""
    from colossus.transport.ssh import SshTransport

    transport, deadline = SshTransport(site.loaded.folder), time.monotonic() + seconds
    faults: dict[str, str] = {}
    for name in begun:
        endpoint = _endpoint(site, name)
        while True:
            try:
                transport.open(endpoint).close()
                say(f"{name}: installed, and shows the key it was given")
                break
            except TransportFailed as fault:
                if time.monotonic() > deadline:
                    faults[name] = f"not there after {seconds} s: {fault.summary}"
                    break
                time.sleep(LOOK_SECONDS)
    return faults
