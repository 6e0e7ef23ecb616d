"""How a provider reaches the hosts of a resource: over SSH, on a twin that is up, or in memory."""

from collections.abc import Iterable
from pathlib import Path

from colossus.apply.engine import Means
from colossus.apply.executor import ThreadExecutor
from colossus.apply.over_ssh import ssh_means
from colossus.errors import UsageError
from colossus.load.site import load_site
from colossus.plan.resource import State, Target
from colossus.transport.base import Endpoint
from colossus.transport.endpoints import reach_of
from colossus.transport.fake import FakeHost, FakeTransport
from colossus.transport.secrets import Secret
from colossus.twin.hands import Hands
from colossus.twin.tiers import standing

AT_ONCE = 8
_IN_MEMORY = FakeTransport()


def means_of(connect: str, targets: Iterable[Target], known: State) -> Means:
    """Give what the engine needs to work on the hosts of a resource.

    known: what was last applied to them; a host in memory begins as that.

    Raises:
        UsageError: `connect` says nothing that is known.
        RehearsalFailed: that twin is not up.
        SiteRefused, SecretRefused: the inventory or our own key cannot be read.
    """
    way, _, name = connect.partition(":")
    if way == "ssh":
        folder = Path(name)
        return ssh_means(targets, reach_of(load_site(folder).accepted(), folder))
    if way == "twin":
        return Hands(standing(name)).means()
    if way == "fake":
        endpoints = {target.name: Endpoint(target.name, target.address) for target in targets}
        for host in endpoints:
            _IN_MEMORY.hosts.setdefault(host, FakeHost(dict(known.get(host, {}))))
        return Means(endpoints, ThreadExecutor(_IN_MEMORY, AT_ONCE), lambda _: Secret(b"demo"))
    raise UsageError(f"connect {connect!r} is unknown", "There is ssh:FOLDER, twin:NAME and fake:.")


def reach_again(connect: str) -> dict[str, str | int]:
    """Give what the journal must say so that `runs resume` reaches the same hosts."""
    way, _, name = connect.partition(":")
    if way == "ssh":
        folder = Path(name)
        return reach_of(load_site(folder).accepted(), folder).plain()
    return {"connect": way, "twin": name}
