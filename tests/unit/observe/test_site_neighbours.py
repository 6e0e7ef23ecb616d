"""The site asked over SSH: one connection per machine, and what does not answer is told."""

import json
from collections.abc import Iterator, Sequence

import pytest

from colossus.errors import TransportFailed
from colossus.observe.site_neighbours import SCRIPT, machines_of, observe_site
from colossus.transport.base import Endpoint
from colossus.wiring.verdicts import compare
from tests.unit.wiring.fabrics import Seen, example, planned


class Machines:
    """A site in memory, reached as SSH reaches it."""

    def __init__(self, seen: Seen, down: frozenset[str] = frozenset()) -> None:
        self.seen, self.down = seen, down
        self.ran: list[tuple[str, tuple[str, ...]]] = []

    def open(self, endpoint: Endpoint) -> "Login":
        if endpoint.name in self.down:
            raise TransportFailed(f"{endpoint.name} cannot be reached: timed out")
        return Login(self, endpoint.name)


class Login:
    """A connection to one of them."""

    def __init__(self, site: Machines, name: str) -> None:
        self.site, self.name = site, name

    def run(self, argv: Sequence[str], stdin: bytes, timeout: float) -> Iterator[str]:
        assert (stdin, timeout) == (b"", 30.0)
        self.site.ran.append((self.name, tuple(argv)))
        entries = [
            {
                "name": port,
                "chassis": [{"name": [{"value": far[0]}]}],
                "port": [{"id": [{"type": "ifname", "value": far[1]}]}],
            }
            for (device, port), far in self.site.seen.items()
            if device == self.name and far and "bmc" not in {port, far[1]}
        ]
        yield from json.dumps({"lldp": [{"interface": entries}]}, indent=1).splitlines(
            keepends=True
        )

    def close(self) -> None:
        self.site.ran.append((self.name, ()))


def endpoints(become: str = "none") -> dict[str, Endpoint]:
    return {
        machine.name: Endpoint(machine.name, machine.address, become=become)
        for machine in machines_of(example())
    }


def test_the_machines_are_those_with_an_address_and_a_playbook() -> None:
    names = set(endpoints())
    assert {"gpu-0001", "leaf-01", "oob-01", "ctl-01"} <= names
    assert not any(name.startswith("pdu") for name in names)


def test_each_machine_is_asked_once_and_its_connection_closed() -> None:
    site, counted = Machines(planned(example())), list[tuple[int, int]]()
    told: list[str] = []
    sightings = observe_site(
        site, endpoints(), example(), 3, told.append, lambda *each: counted.append(each)
    )
    report = compare(example(), sightings)
    assert report.verdicts == ()
    assert report.seen > 64
    assert not told
    assert sorted(counted) == [(n, len(endpoints())) for n in range(1, len(endpoints()) + 1)]
    assert {argv for _, argv in site.ran} == {("sh", "-c", SCRIPT), ()}
    assert len(site.ran) == 2 * len(endpoints())


def test_sudo_where_the_site_says_so() -> None:
    site = Machines(planned(example()))
    observe_site(site, endpoints("sudo"), example(), 3, lambda _: None)
    assert ("sudo", "-n", "--", "sh", "-c", SCRIPT) in {argv for _, argv in site.ran}


def test_a_machine_that_does_not_answer_is_told() -> None:
    site = Machines(planned(example()), frozenset({"gpu-0004"}))
    told: list[str] = []
    observe_site(site, endpoints(), example(), 3, told.append)
    assert told == [
        "gpu-0004 did not tell its neighbours: gpu-0004 cannot be reached: timed out",
    ]


def test_nobody_answers() -> None:
    site = Machines(planned(example()), frozenset(endpoints()))
    with pytest.raises(TransportFailed, match="none of 11 nodes told its neighbours"):
        observe_site(site, endpoints(), example(), 3, lambda _: None)
