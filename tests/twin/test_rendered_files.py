"""Rendered files before the very programs that will read them: FRR, sshd, ifupdown2, Slurm."""

from collections.abc import Iterator
from typing import Any

import pytest

from colossus.plan.resource import Desired
from colossus.render.network import Bgp
from colossus.render.templates import Text, compiled
from colossus.twin.base import Completed
from colossus.twin.namespaces import NamespaceTwin
from colossus.twin.of_site import spec_of
from colossus.twin.slices import slice_of
from tests.unit.sites import Edit, desired_of, fabric_of, playbooks, text_of, third_rack
from tests.unit.sites import third_rack_later as later

pytestmark = pytest.mark.twin

INTERFACES = "/etc/network/interfaces"
MANAGEMENT = "/etc/network/interfaces.d/management.intf"
FABRIC = "/etc/network/interfaces.d/fabric.intf"
SLURM = ("slurm.conf", "topology.conf", "gres.conf", "cgroup.conf")
# slurmctld has no "check only": it is started on the controller's node, and must come this far.
READ = """
rm -f /srv/said; touch /srv/said
slurmctld -D -c -f /srv/slurm/slurm.conf >>/srv/said 2>&1 &
for _ in $(seq 300); do
    grep -q 'Running as primary controller' /srv/said && break
    kill -0 $! 2>/dev/null || break
    sleep 0.1
done
grep -q 'Running as primary controller' /srv/said; read=$?
kill -9 $! 2>/dev/null
cat /srv/said; exit $read
"""


@pytest.fixture(scope="module")
def twin() -> Iterator[NamespaceTwin]:
    fabric, desired = fabric_of(), desired_of(overlay="twin")
    spec = spec_of(fabric, desired, slice_of(fabric, "gpu-0001"), "test-files")
    with NamespaceTwin(spec) as built:
        yield built


def read_by(twin: NamespaceTwin, node: str, text: str, *argv: str) -> Completed:
    twin.exec(node, ["sh", "-c", "cat >/srv/candidate"], text.encode())
    return twin.exec(node, [*argv, "/srv/candidate"])


def test_frr_reads_its_file(twin: NamespaceTwin) -> None:
    text = text_of(desired_of(), "leaf-01", "/etc/frr/frr.conf")
    done = read_by(twin, "leaf-01", text, "vtysh", "-C", "-f")
    assert (done.exit, done.stderr) == (0, b"")
    broken = read_by(twin, "leaf-01", text + "router bgq 1\n", "vtysh", "-C", "-f")
    assert broken.exit == 2


def test_frr_reads_links_between_switches(twin: NamespaceTwin) -> None:
    """No shipped example has them yet, so the template gets them here."""
    bgp = Bgp(
        65001, "10.63.0.1", "10.63.0.1/32", "10.64.0.0/13", "10.63.0.0/24", ("swp1", "swp2s0")
    )
    folder = playbooks()["switch-frr"]
    template = compiled(Text(folder.files["etc/frr/frr.conf.j2"], "frr.conf.j2"))
    text = template.render({"bgp": bgp, "host": fabric_of().device(0)})
    assert " neighbor swp2s0 interface peer-group FABRIC\n" in text
    assert read_by(twin, "leaf-01", text, "vtysh", "-C", "-f").exit == 0
    checked = read_by(twin, "leaf-01", text, "/usr/lib/frr/bgpd", "-C", "-f")
    assert b"Config Failed" not in checked.stderr + checked.stdout


def test_sshd_reads_its_file(twin: NamespaceTwin) -> None:
    text = text_of(desired_of(), "gpu-0001", "/etc/ssh/sshd_config.d/60-colossus.conf")
    assert read_by(twin, "gpu-0001", text, "/usr/sbin/sshd", "-t", "-f").exit == 0
    assert read_by(twin, "gpu-0001", text + "Passwords no\n", "/usr/sbin/sshd", "-t", "-f").exit


@pytest.mark.parametrize("node", ["gpu-0001", "ctl-01", "leaf-01", "oob-01"])
def test_ifupdown2_reads_its_files(twin: NamespaceTwin, node: str) -> None:
    desired = desired_of()
    for path in (INTERFACES, MANAGEMENT, FABRIC):
        text = text_of(desired, node, path)
        twin.exec(node, ["sh", "-c", f"cat >{path}"], text.encode())
    good = twin.exec(node, ["ifreload", "--all", "--syntax-check"])
    assert (good.exit, good.stderr) == (0, b"")
    twin.exec(node, ["sh", "-c", f"sed -i 's/ address .*/ address many/' {MANAGEMENT}"])
    bad = twin.exec(node, ["ifreload", "--all", "--syntax-check"])
    assert bad.exit == 1
    assert b'invalid value "many"' in bad.stderr


def without_tree(site: dict[str, Any]) -> None:
    site["slurm"]["topology"] = "none"


@pytest.mark.parametrize(
    ("edit", "stage"),
    [(None, None), (third_rack, None), (later, "first"), (without_tree, None)],
    ids=["as shipped", "two islands", "hosts of a later stage", "no tree"],
)
def test_slurmctld_reads_its_files(
    twin: NamespaceTwin, edit: Edit | None, stage: str | None
) -> None:
    desired = desired_of(*([edit] if edit else []), stage=stage)
    done = _slurmctld(twin, desired)
    assert done.exit == 0, done.text
    assert "fatal" not in done.text
    assert "Invalid hostnames" not in done.text


def test_slurmctld_refuses_a_tree_of_unknown_hosts(twin: NamespaceTwin) -> None:
    """The test above can fail: slurmctld says no to a topology that is not of this cluster."""
    desired = desired_of()
    path = "/etc/slurm/topology.conf"
    digest = next(
        str(r.body["content"])
        for r in desired.targets["ctl-01"].resources
        if r.id == f"file:{path}"
    )
    wrong = {**desired.blobs, digest: "SwitchName=leaf-01 Switches=leaf-09\n"}
    done = _slurmctld(twin, Desired(desired.cluster, desired.targets, wrong))
    assert done.exit != 0
    assert "fatal" in done.text


def _slurmctld(twin: NamespaceTwin, desired: Desired) -> Completed:
    there = {resource.id for resource in desired.targets["ctl-01"].resources}
    twin.exec("ctl-01", ["sh", "-c", "rm -rf /srv/slurm && mkdir -p /srv/slurm"])
    for name in SLURM:
        if f"file:/etc/slurm/{name}" in there:
            text = text_of(desired, "ctl-01", f"/etc/slurm/{name}")
            # Its log goes where this test can read it.
            text = text.replace("SlurmctldLogFile=/var/log/slurm/slurmctld.log\n", "")
            twin.exec("ctl-01", ["sh", "-c", f"cat >/srv/slurm/{name}"], text.encode())
    return twin.exec("ctl-01", ["sh", "-c", READ])
