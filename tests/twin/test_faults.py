"""Every kind of fault, made on one twin: found, named, localised; what is left can be resumed."""

from typing import Any

import pytest

from tests.twin.sites import Desk

pytestmark = pytest.mark.twin

# Fault: the one cause that must be named for it: kind, devices, sentence.
FAULTS = {
    "swap gpu-0001:enp75s0 gpu-0002:enp75s0": (
        "swapped",
        ["gpu-0001", "gpu-0002", "leaf-02"],
        "two legs of splitter Z8DC-Q7TV are swapped: exchange the plugs at rack a01 U1 gpu-0001"
        " enp75s0 and rack a01 U7 gpu-0002 enp75s0",
    ),
    "nic-order gpu-0004:enp75s0 gpu-0004:enp84s0": (
        "nic_order",
        ["gpu-0004"],
        "rack a01 U19 gpu-0004: enp75s0 and enp84s0 are exchanged: its cards are numbered in"
        " another order than planned, or their plugs are swapped",
    ),
    "dead gpu-0003:enp84s0": (
        "dead",
        ["leaf-01", "gpu-0003"],
        "no link on cable 3CTJ-69G1 between rack a01 U26 leaf-01 swp2s0 and rack a01 U13 gpu-0003"
        " enp84s0",
    ),
    "down spine-02": (
        "no_power",
        ["spine-02"],
        "rack a02 U41 spine-02 has no power: it does not answer, and its cables are dark",
    ),
    "no-boot gpu-0005": (
        "not_booted",
        ["gpu-0005"],
        "rack a02 U1 gpu-0005 has power, but nobody answers there: it did not boot",
    ),
    "slow gpu-0006": ("slow", ["gpu-0006"], "rack a02 U7 gpu-0006 is slow: it took "),
    "host-key gpu-0007": (
        "host_key",
        ["gpu-0007"],
        "rack a02 U13 gpu-0007 shows another host key than the known one",
    ),
    "disk-full gpu-0008": (
        "disk_full",
        ["gpu-0008"],
        "rack a02 U19 gpu-0008 has no space left on its disk",
    ),
    "power-loss leaf-08": (
        "power_lost",
        ["leaf-08"],
        "rack a01 U33 leaf-08 lost its power in the middle of the apply",
    ),
    "failover ctl-01": (
        "controller_lost",
        ["ctl-01"],
        "ctl-01 is off; ctl-02 took over after ",
    ),
}
BROKEN = ["gpu-0005", "gpu-0006", "gpu-0007", "gpu-0008"]


def phases_of(report: dict[str, Any]) -> dict[str, bool]:
    """Whether each phase held."""
    return {phase["name"]: phase["ok"] for phase in report["phases"]}


def test_every_fault_is_found_named_and_localised_and_the_twin_can_be_mended(desk: Desk) -> None:
    """Ten faults at once: ten causes and no other; the run goes on for all that is whole."""
    site = desk.with_standby("broken")
    faults = desk.folder / "faults"
    faults.write_text("".join(f"{fault}\n" for fault in FAULTS))
    words = ("provision", site, "--dry-run", "--twin", "ns")
    report = desk.report(*words, "--faults", faults, "--keep", status=15)
    found = {(c["kind"], tuple(c["devices"])): c["summary"] for c in report["causes"]}
    assert sorted(found) == sorted((kind, tuple(at)) for kind, at, _ in FAULTS.values())
    for kind, devices, words_of_it in FAULTS.values():
        assert found[kind, tuple(devices)].startswith(words_of_it)
    assert found["controller_lost", ("ctl-01",)].endswith("the job that ran ended with 0")
    assert report["faults"] == [{"fault": fault, "found": True} for fault in FAULTS]
    phases = phases_of(report)
    assert phases["causes"]
    assert phases["predicted = applied"]
    assert phases["srun -N5 hostname"]
    assert phases["second apply"]
    assert phases["failover ctl-01: a job goes on"]
    assert not phases["apply the plan"]

    # What is broken is exchanged: these come back as their installer leaves them.
    for host in BROKEN:
        assert desk.run("twin", "break", "down", host).returncode == 0
    assert desk.run("twin", "mend").returncode == 0
    apply = ("provision", site, "--connect", "twin", "--yes", "--overwrite-drift")
    resumed = desk.run(*apply)
    assert resumed.returncode == 0, resumed.stderr
    assert desk.report("verify", site, "--connect", "twin")["verdicts"] == []
    again = desk.run(*apply)
    assert (again.returncode, again.stdout) == (0, "Nothing to do: 21 hosts are as planned.\n")
