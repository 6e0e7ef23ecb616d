"""Faults for a rehearsal: read, refused with every wrong line, injected."""

import pytest

from colossus.errors import UsageError
from colossus.twin.base import End
from colossus.twin.faults import Fault, parse_faults

GOOD = """\
# a swapped pair and a broken fibre
swap leaf-01:swp1s0 leaf-01:swp5s1
dead gpu-0003:enp84s0   # dirty

down gpu-0007
"""


class Broken:
    """Notes what is broken, in place of a twin."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []

    def swap(self, one: End, other: End) -> None:
        self.done.append(("swap", one, other))

    def dead(self, end: End) -> None:
        self.done.append(("dead", end))

    def down_device(self, node: str) -> None:
        self.done.append(("down", node))


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
