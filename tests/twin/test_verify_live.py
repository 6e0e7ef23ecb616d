"""`wiring verify --live`: the site asked over SSH, here the twin's real sshd and lldpd."""

from collections.abc import Iterator

import pytest

from colossus.observe.site_neighbours import machines_of, observe_site
from colossus.transport.base import Endpoint
from colossus.transport.ssh import SshTransport
from colossus.twin.base import End
from colossus.twin.hands import Hands
from colossus.twin.namespaces import NamespaceTwin
from colossus.twin.of_site import spec_of
from colossus.twin.slices import slice_of
from colossus.wiring.verdicts import compare
from tests.unit.sites import desired_of, fabric_of

pytestmark = [pytest.mark.twin, pytest.mark.needs_root]
PART = "gpu-[0001-0002],leaf-01,oob-01,ctl-01"


@pytest.fixture(scope="module")
def twin() -> Iterator[NamespaceTwin]:
    fabric, desired = fabric_of(), desired_of(overlay="twin")
    with NamespaceTwin(spec_of(fabric, desired, slice_of(fabric, PART), "test-live")) as built:
        for node in built.spec.nodes:
            built.exec(node.name, ["sh", "-c", CONFIGURE])
        yield built


# What the base playbook sets, with the twin's interval.
CONFIGURE = """
printf 'configure lldp portidsubtype ifname\\nconfigure lldp tx-interval 1\\n' \
    > /etc/lldpd.d/live.conf
for port in /sys/class/net/*; do ip link set "${port##*/}" up 2>/dev/null; done
systemctl restart lldpd
"""


def asked(twin: NamespaceTwin) -> dict[str, Endpoint]:
    wanted = {machine.name for machine in machines_of(fabric_of())}
    return {name: each for name, each in Hands(twin).endpoints().items() if name in wanted}


def test_the_cables_of_the_site_are_seen_and_a_swap_is_named(twin: NamespaceTwin) -> None:
    fabric, endpoints = fabric_of(), asked(twin)
    told: list[str] = []
    transport = SshTransport(twin.folder)
    twin.exec("gpu-0001", ["sh", "-c", "sleep 3"])
    report = compare(fabric, observe_site(transport, endpoints, fabric, 2, told.append))
    assert told == []
    assert report.verdicts == ()
    assert report.seen >= 2 * 8
    twin.swap(End("gpu-0001", "enp84s0"), End("gpu-0002", "enp84s0"))
    twin.exec("gpu-0001", ["sh", "-c", "sleep 6"])
    report = compare(fabric, observe_site(transport, endpoints, fabric, 2, told.append))
    assert report.counts == {"swapped": 1}
