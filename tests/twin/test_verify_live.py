"""`wiring verify --live`: the site asked over SSH, here the twin's real sshd and lldpd."""

from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from colossus.observe.site_neighbours import machines_of, observe_site
from colossus.transport.base import Endpoint
from colossus.transport.ssh import SshTransport
from colossus.twin.base import End
from colossus.twin.hands import Hands
from colossus.twin.namespaces import NamespaceTwin
from colossus.twin.of_site import spec_of
from colossus.twin.slices import slice_of
from colossus.wiring.report import Report
from colossus.wiring.verdicts import compare
from tests.unit.sites import desired_of, fabric_of

pytestmark = [pytest.mark.twin, pytest.mark.needs_root]
PART = "gpu-[0001-0002],leaf-01,oob-01,ctl-01"


@pytest.fixture(scope="module")
def twin() -> Iterator[NamespaceTwin]:
    fabric, desired = fabric_of(), desired_of(overlay="twin")
    with NamespaceTwin(spec_of(fabric, desired, slice_of(fabric, PART), "test-live")) as built:
        for node in built.spec.nodes:
            built.exec(node.name, ["sh", "-c", UP + CONFIGURE])
        yield built


# What the base playbook sets, with the twin's interval.
CONFIGURE = """
printf 'configure lldp portidsubtype ifname\\nconfigure lldp tx-interval 1\\n' \
    > /etc/lldpd.d/live.conf
systemctl restart lldpd
"""
# What the network playbook does on a host that it configures.
UP = 'for port in /sys/class/net/*; do ip link set "${port##*/}" up; done'


def asked(twin: NamespaceTwin) -> dict[str, Endpoint]:
    wanted = {machine.name for machine in machines_of(fabric_of())}
    return {name: each for name, each in Hands(twin).endpoints().items() if name in wanted}


def settled(twin: NamespaceTwin, wanted: dict[str, int]) -> Report:
    """Ask until the verdicts are those, or for two minutes: lldpd sends once a second."""
    fabric, endpoints = fabric_of(), asked(twin)
    until = monotonic() + 120
    while True:
        told: list[str] = []
        sightings = observe_site(SshTransport(twin.folder), endpoints, fabric, 2, told.append)
        assert told == []
        report = compare(fabric, sightings)
        if report.counts == wanted or monotonic() > until:
            return report
        sleep(1)


def test_the_cables_of_the_site_are_seen_and_a_swap_is_named(twin: NamespaceTwin) -> None:
    report = settled(twin, {})
    assert report.counts == {}
    assert report.seen >= 2 * 8
    twin.swap(End("gpu-0001", "enp84s0"), End("gpu-0002", "enp84s0"))
    for node in ("gpu-0001", "gpu-0002", "leaf-01"):
        # A plug that moves is a new device here, under a number that lldpd listens at already.
        twin.exec(node, ["sh", "-c", f"{UP}; systemctl restart lldpd"])
    report = settled(twin, {"swapped": 1})
    assert report.counts == {"swapped": 1}
