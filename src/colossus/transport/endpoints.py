"""How the targets of a site are reached: addresses, the access settings, known host keys."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from colossus.inventory.site import Site
from colossus.transport.base import Endpoint
from colossus.transport.known_hosts import read_known_hosts


@dataclass(frozen=True, slots=True)
class Reach:
    """What has to be known to reach the hosts of a site again, in plain words for the journal.

    folder: the inventory's, which relative paths of references and known_hosts count from.
    """

    folder: str
    user: str
    port: int
    key: str
    known_hosts: str
    become: str
    domain: str
    concurrency: int

    def plain(self) -> dict[str, str | int]:
        """Give it as a mapping that JSON can hold."""
        return asdict(self)


def reach_of(site: Site, folder: Path) -> Reach:
    """Give how a site's hosts are reached."""
    access = site.access
    return Reach(
        folder=str(folder.resolve()),
        user=access.user,
        port=access.port,
        key=access.key,
        known_hosts=access.known_hosts,
        become=access.become,
        domain=site.domain,
        concurrency=access.concurrency,
    )


class Reachable(Protocol):
    """What has a name and a management address, with or without a prefix length."""

    @property
    def name(self) -> str:
        """The device."""
        ...

    @property
    def address(self) -> str:
        """Its management address."""
        ...


def endpoints_of(targets: Iterable[Reachable], reach: Reach) -> dict[str, Endpoint]:
    """Give the endpoint of each target; raises InventoryRefused when known_hosts is damaged."""
    known = read_known_hosts(Path(reach.folder) / Path(reach.known_hosts).expanduser())
    found = {}
    for target in targets:
        address = target.address.partition("/")[0]
        names = (target.name, f"{target.name}.{reach.domain}", address)
        found[target.name] = Endpoint(
            name=target.name,
            address=address,
            port=reach.port,
            user=reach.user,
            key=reach.key,
            host_keys=known.keys_of(names, reach.port),
            become=reach.become,
        )
    return found
