"""Virtual machines as resources, without an engine and without a twin."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

import pytest
from pulumi.provider.experimental.provider import (
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    UpdateRequest,
)

from colossus.stacks import machines
from colossus.stacks.machine_provider import MachineProvider
from colossus.stacks.machines import Wanted
from colossus.stacks.properties import Properties, plain, wrapped
from colossus.stacks.provider import ColossusProvider
from colossus.stacks.schema import schema

URN = "urn:pulumi:twin::colossus::colossus:index:VirtualMachine::gpu-0001"
WANTED = Wanted("nlp", "gpu-0001", "vm", "/sites/nlp", "", "d1")


def of(wanted: Wanted, **more: str) -> Properties:
    return {name: wrapped(value) for name, value in {**asdict(wanted), **more}.items()}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Wanted]]:
    """The batches that machines were asked for in."""
    asked: list[Sequence[Wanted]] = []
    monkeypatch.setattr(machines, "create", asked.append)
    return asked


def test_machines_asked_for_together_are_one_twin(made: list[Sequence[Wanted]]) -> None:
    other = Wanted("nlp", "gpu-0002", "vm", "/sites/nlp", "", "d1")

    async def both() -> list[str | None]:
        provider = ColossusProvider()
        requests = (CreateRequest(URN, dict(of(w)), 0.0, preview=False) for w in (WANTED, other))
        answers = await asyncio.gather(*(provider.create(each) for each in requests))
        return [answer.resource_id for answer in answers]

    assert asyncio.run(both()) == ["nlp/gpu-0001", "nlp/gpu-0002"]
    assert made == [[WANTED, other]]


def test_a_preview_builds_nothing(made: list[Sequence[Wanted]]) -> None:
    provider = MachineProvider()
    create = CreateRequest(URN, dict(of(WANTED)), 0.0, preview=True)
    assert asyncio.run(provider.create(create)).resource_id == ""
    update = UpdateRequest(URN, "", dict(of(WANTED)), dict(of(WANTED)), 0.0, [], preview=True)
    asyncio.run(provider.update(update))
    assert made == []


def test_a_machine_without_power_is_drift_and_a_changed_site_another_machine() -> None:
    provider = MachineProvider()

    def differing(old: Properties, new: Wanted) -> tuple[bool, list[str], list[str]]:
        answer = asyncio.run(provider.diff(DiffRequest(URN, "id", dict(old), dict(of(new)), [])))
        return bool(answer.changes), answer.replaces or [], answer.diffs or []

    assert differing(of(WANTED, power="on"), WANTED) == (False, [], [])
    assert differing(of(WANTED, power="off"), WANTED) == (True, [], ["power"])
    changed = Wanted("nlp", "gpu-0001", "vm", "/sites/nlp", "", "d2")
    assert differing(of(WANTED, power="on"), changed) == (True, ["parts"], ["parts"])


@pytest.mark.parametrize(("power", "there"), [("on", "id"), ("off", "id"), ("", "")])
def test_reading_asks_the_twin(monkeypatch: pytest.MonkeyPatch, power: str, there: str) -> None:
    monkeypatch.setattr(machines, "power", lambda _wanted: power)
    request = ReadRequest(URN, "id", dict(of(WANTED, power="on")), dict(of(WANTED)))
    answer = asyncio.run(ColossusProvider().read(request))
    assert answer.resource_id == there
    assert plain(answer.properties or {}).get("power", "") == power


def test_updating_switches_on_and_deleting_takes_away(
    made: list[Sequence[Wanted]], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[Wanted] = []
    monkeypatch.setattr(machines, "delete", gone.append)
    off = dict(of(WANTED, power="off"))

    async def both() -> object:
        provider = ColossusProvider()
        update = UpdateRequest(URN, "id", off, dict(of(WANTED)), 0.0, [], preview=False)
        answer = await provider.update(update)
        await provider.delete(DeleteRequest(URN, "id", off, 0.0))
        return plain(answer.properties or {})["power"]

    assert asyncio.run(both()) == "on"
    assert (made, gone) == ([[WANTED]], [WANTED])


def test_nonsense_is_refused() -> None:
    bad = Wanted("nlp", "", "cloud", "/sites/nlp", "", "d1")
    answer = asyncio.run(ColossusProvider().check(CheckRequest(URN, {}, dict(of(bad)), b"")))
    found = [(each.property, each.reason) for each in answer.failures or []]
    assert found == [("node", "is missing"), ("tier", "must be one of vm, ns")]


def test_no_twin_has_no_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("colossus.twin.state.names", list)
    assert machines.power(WANTED) == ""
    machines.delete(WANTED)


def test_the_schema_knows_machines() -> None:
    assert '"colossus:index:VirtualMachine"' in schema("1.0.0")
