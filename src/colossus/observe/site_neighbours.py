"""Which port sees which at the site itself: LLDP of its hosts and switches, over SSH; only reads.

One connection and one command per machine. lldpd answers on Linux hosts, Cumulus Linux and, inside
its container, SONiC. What speaks otherwise (Dell OS10, NVOS) is read from files.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from typing import NamedTuple

from colossus.errors import TransportFailed
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric
from colossus.observe.neighbours import expected_ports, heard_in, seen_by_all
from colossus.transport.base import Endpoint, Transport
from colossus.wiring.observed import Sighting

SHOW_HERE = "lldpcli -f json0 show neighbors"
# A login that is not interactive often has no sbin in its path, where Debian keeps lldpcli.
SCRIPT = (
    "PATH=$PATH:/usr/sbin:/sbin; command -v lldpcli >/dev/null && exec "
    f"{SHOW_HERE}; exec docker exec lldp {SHOW_HERE}"
)
ANSWER_SECONDS = 30.0
Heard = list[Sighting] | str


class Machine(NamedTuple):
    """A device that can be asked, and its management address."""

    name: str
    address: str


def observe_site(
    transport: Transport,
    endpoints: Mapping[str, Endpoint],
    fabric: Fabric,
    width: int,
    tell: Callable[[str], None],
    count: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Sighting]:
    """Ask every endpoint for its neighbours, `width` at a time.

    A planned port whose two ends were asked and that hears nobody is seen without a link. tell
    hears of each machine that does not answer; count, of how many have.

    Raises:
        TransportFailed: no machine answers.
    """
    expected = expected_ports(fabric, endpoints)
    heard: dict[str, Heard] = {}
    with ThreadPoolExecutor(width) as pool:
        asked = {pool.submit(_ask, transport, each): name for name, each in endpoints.items()}
        for done, future in enumerate(as_completed(asked), 1):
            heard[asked[future]] = future.result()
            count(done, len(asked))
    return seen_by_all(heard, expected, tell)


def _ask(transport: Transport, endpoint: Endpoint) -> Heard:
    """Give what a machine hears, or why it did not tell."""
    argv: tuple[str, ...] = ("sh", "-c", SCRIPT)
    if endpoint.become == "sudo":
        argv = ("sudo", "-n", "--", *argv)
    try:
        with closing(transport.open(endpoint)) as session:
            printed = "".join(session.run(argv, b"", ANSWER_SECONDS))
    except TransportFailed as fault:
        return fault.summary
    return heard_in(printed, endpoint.name)


def machines_of(fabric: Fabric) -> list[Machine]:
    """Give the devices that can be asked: present, with an address and a playbook of ours."""
    devices, roles = fabric.devices, fabric.site.roles
    return [
        Machine(devices.names[row], str(address))
        for row, address in sorted(management_addresses(fabric).items())
        if devices.present[row]
        and (role := roles.get(fabric.roles[devices.role[row]])) is not None
        and role.playbook
    ]
