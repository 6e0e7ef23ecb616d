"""Faults for a rehearsal: read, refused with every wrong line, injected."""

import re

import pytest

from colossus.errors import RehearsalFailed, UsageError
from colossus.twin.base import Completed, End, Pace
from colossus.twin.causes import SLOWER_SECONDS, SLOWER_TIMES
from colossus.twin.faults import (
    KINDS,
    Fault,
    Moment,
    fault_of,
    parse_faults,
    refuse_impossible,
)

GOOD = """\
# a swapped pair and a broken fibre
swap leaf-01:swp1s0 leaf-01:swp5s1
dead gpu-0003:enp84s0   # dirty

down gpu-0007
"""


class Broken:
    """Notes what is broken, in place of a twin."""

    pace = Pace(8.0, 4)

    def __init__(self) -> None:
        self.scripts: list[str] = []
        self.done: list[tuple[object, ...]] = []

    def swap(self, one: End, other: End) -> None:
        self.done.append(("swap", one, other))

    def dead(self, end: End) -> None:
        self.done.append(("dead", end))

    def down_device(self, node: str) -> None:
        self.done.append(("down", node))

    def exec(self, node: str, argv: list[str]) -> Completed:
        self.done.append(("exec", node, argv[:2]))
        self.scripts.append(argv[2])
        return Completed(int(node == "gpu-9999"), b"", b"no such thing\n")


def test_faults_are_read_and_injected_in_order() -> None:
    twin = Broken()
    for fault in parse_faults(GOOD, "faults"):
        fault.inject(twin)  # type: ignore[arg-type] # only what a fault uses of a twin
    assert twin.done == [
        ("swap", End("leaf-01", "swp1s0"), End("leaf-01", "swp5s1")),
        ("dead", End("gpu-0003", "enp84s0")),
        ("down", "gpu-0007"),
    ]


def test_a_fault_prints_as_it_was_written() -> None:
    assert str(Fault("dead", ("gpu-0003:enp84s0",))) == "dead gpu-0003:enp84s0"


def test_every_wrong_line_is_named() -> None:
    with pytest.raises(UsageError) as raised:
        parse_faults("explode a:b\nswap a:b\ndead a:b\n", "faults")
    assert raised.value.summary == "no faults: faults:1: 'explode a:b'; faults:2: 'swap a:b'"


@pytest.mark.parametrize("word", ["gpu-0003", ":eth0", "gpu-0003:"])
def test_a_port_needs_device_and_interface(word: str) -> None:
    with pytest.raises(UsageError, match="is no port"):
        parse_faults(f"dead {word}", "faults")


def test_every_kind_can_be_written_strikes_at_its_moment_and_is_found_as_something() -> None:
    lines = [
        " ".join([kind, *({"PORT": "gpu-0001:eth0"}.get(word, "gpu-0001") for word in it.objects)])
        for kind, it in KINDS.items()
    ]
    faults = parse_faults("\n".join(lines), "faults")
    assert [fault.kind for fault in faults] == list(KINDS)
    late = {fault.kind: fault.moment for fault in faults if fault.moment is not Moment.BUILT}
    assert late == {"power-loss": Moment.APPLY, "failover": Moment.JOB}
    assert all(fault.devices == ("gpu-0001",) for fault in faults)
    assert all(KINDS[fault.kind].found_as for fault in faults)


@pytest.mark.parametrize("kind", ["no-boot", "slow", "host-key", "disk-full"])
def test_what_is_broken_in_a_host_is_broken_by_a_script_there(kind: str) -> None:
    twin = Broken()
    fault_of(kind, "gpu-0001").inject(twin)  # type: ignore[arg-type] # as above
    assert twin.done == [("exec", "gpu-0001", ["sh", "-c"])]
    with pytest.raises(RehearsalFailed, match="gpu-9999 could not be broken: no such thing"):
        fault_of(kind, "gpu-9999").inject(twin)  # type: ignore[arg-type] # as above


def test_cards_in_the_wrong_order_are_those_of_one_host() -> None:
    with pytest.raises(UsageError, match="not on one host"):
        fault_of("nic-order", "gpu-0001:eth0", "gpu-0002:eth0")
    with pytest.raises(UsageError, match="faults:1"):
        parse_faults("nic-order gpu-0001:eth0 gpu-0002:eth0", "faults")


def test_a_cause_explains_a_fault_of_its_kind_at_its_device() -> None:
    fault = fault_of("down", "spine-02")
    assert fault.explains("no_power", ("spine-02",))
    assert not fault.explains("no_power", ("spine-01",))
    assert not fault.explains("dead", ("spine-02",))


def test_what_a_twin_cannot_make_is_refused_together() -> None:
    faults = [
        fault_of("swap", "gpu-0001:eth0", "gpu-0009:eth0"),
        fault_of("down", "gpu-0001"),
        fault_of("failover", "ctl-01"),
    ]
    nodes = ("gpu-0001", "ctl-01")
    with pytest.raises(RehearsalFailed) as raised:
        refuse_impossible(faults, nodes, "vm")
    assert raised.value.summary == (
        "faults that cannot be made here: swap gpu-0001:eth0 gpu-0009:eth0: not in this twin:"
        " gpu-0009; failover ctl-01: machines share no folder for the controllers' state"
    )
    refuse_impossible(faults[1:], nodes, "ns")


def test_a_slow_host_is_slower_than_its_tier_forgives() -> None:
    """Even where the others take half a minute; see `causes`."""
    twin = Broken()
    fault_of("slow", "gpu-0001").inject(twin)  # type: ignore[arg-type] # as above
    (script,) = twin.scripts
    (asleep,) = (float(word) for word in re.findall(r"sleep ([0-9.]+)", script))
    usual = 30.0
    assert usual + asleep > SLOWER_TIMES * usual + SLOWER_SECONDS * twin.pace.patience
