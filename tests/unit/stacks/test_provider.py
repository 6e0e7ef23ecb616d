"""The provider without an engine: hosts in memory, the SDK's own requests."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import (
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    UpdateRequest,
)

from colossus.apply.sqlite import SqliteJournal
from colossus.errors import ApplyFailed
from colossus.stacks import reaching
from colossus.stacks.gather import Stopped
from colossus.stacks.program import Declared
from colossus.stacks.properties import plain, wrapped
from colossus.stacks.provider import ColossusProvider
from colossus.transport.fake import FakeHost, FakeTransport, Fault
from tests.unit.stacks.worlds import declared

MOTD = "file:/etc/motd"


@pytest.fixture(autouse=True)
def hosts(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    """Hosts in memory of this test's own."""
    monkeypatch.delenv("COLOSSUS_STACK_RUN", raising=False)
    transport = FakeTransport()
    monkeypatch.setattr(reaching, "_IN_MEMORY", transport)
    return transport


def of(resource: Declared) -> dict[str, PropertyValue]:
    return {name: wrapped(value) for name, value in resource.properties.items()}


def urn(name: str) -> str:
    return f"urn:pulumi:racks-1::colossus::colossus:index:Rack::{name}"


def created(name: str, properties: dict[str, PropertyValue]) -> Mapping[str, PropertyValue]:
    request = CreateRequest(urn(name), properties, 0.0, preview=False)
    return asyncio.run(ColossusProvider().create(request)).properties


def test_a_preview_contacts_nobody(tmp_path: Path, hosts: FakeTransport) -> None:
    rack = of(declared(tmp_path)["r1"])
    request = CreateRequest(urn("r1"), rack, 0.0, preview=True)
    assert asyncio.run(ColossusProvider().create(request)).resource_id == ""
    assert hosts.opened == []
    assert not (tmp_path / "journal.sqlite").exists()


def test_resources_asked_for_together_are_one_run(tmp_path: Path, hosts: FakeTransport) -> None:
    racks = {name: of(each) for name, each in declared(tmp_path).items() if each.kind == "Rack"}

    async def both() -> None:
        provider = ColossusProvider()
        requests = [CreateRequest(urn(n), each, 0.0, preview=False) for n, each in racks.items()]
        await asyncio.gather(*map(provider.create, requests))

    asyncio.run(both())
    assert sorted(hosts.opened) == ["gpu-0001", "gpu-0002", "gpu-0003", "gpu-0004"]
    journal = SqliteJournal(tmp_path / "journal.sqlite")
    (run,) = journal.runs()
    journal.close()
    assert run.status == "done"


def test_what_is_as_wanted_does_not_differ(tmp_path: Path) -> None:
    rack = of(declared(tmp_path)["r1"])
    old = dict(created("r1", rack))
    found = asyncio.run(ColossusProvider().diff(DiffRequest(urn("r1"), "r1", old, rack, [])))
    assert (found.changes, found.detailed_diff) == (False, {})


def test_a_difference_names_the_file_and_the_hosts(tmp_path: Path) -> None:
    old = dict(created("r1", of(declared(tmp_path)["r1"])))
    new = of(declared(tmp_path, "goodbye\n")["r1"])
    found = asyncio.run(ColossusProvider().diff(DiffRequest(urn("r1"), "r1", old, new, [])))
    assert sorted(found.detailed_diff) == [
        "bundle",
        f'resources["{MOTD}"]["gpu-[0001-0002]"]',
    ]


def test_an_edit_is_read_then_repaired(tmp_path: Path, hosts: FakeTransport) -> None:
    rack = of(declared(tmp_path)["r1"])
    old = dict(created("r1", rack))
    hosts.hosts["gpu-0002"].edit(MOTD)
    provider = ColossusProvider()
    seen = asyncio.run(provider.read(ReadRequest(urn("r1"), "r1", old, rack))).properties
    shown = plain(seen)["resources"]
    assert isinstance(shown, dict)
    assert sorted(shown[MOTD]) == ["gpu-0001", "gpu-0002"]
    request = UpdateRequest(urn("r1"), "r1", dict(seen), rack, 0.0, [], preview=False)
    assert asyncio.run(ColossusProvider().update(request)).properties == old


def test_an_edit_that_nobody_was_shown_is_not_overwritten(
    tmp_path: Path, hosts: FakeTransport
) -> None:
    old = dict(created("r1", of(declared(tmp_path)["r1"])))
    hosts.hosts["gpu-0002"].edit(MOTD)
    edited = hosts.hosts["gpu-0002"].state[MOTD]
    new = of(declared(tmp_path, "goodbye\n")["r1"])
    request = UpdateRequest(urn("r1"), "r1", old, new, 0.0, [], preview=False)
    with pytest.raises(ApplyFailed, match="gpu-0002 was edited by hand"):
        asyncio.run(ColossusProvider().update(request))
    assert hosts.hosts["gpu-0002"].state[MOTD] == edited


def test_a_host_that_fails_fails_the_resource_and_is_named(
    tmp_path: Path, hosts: FakeTransport
) -> None:
    hosts.hosts["gpu-0002"] = FakeHost(fault=Fault("unreachable"))
    with pytest.raises(
        ApplyFailed, match=r"1 hosts are not as planned: gpu-0002: cannot be reached"
    ):
        created("r1", of(declared(tmp_path)["r1"]))


def test_destroy_forgets_and_leaves_hosts_alone(tmp_path: Path, hosts: FakeTransport) -> None:
    old = dict(created("r1", of(declared(tmp_path)["r1"])))
    before = dict(hosts.hosts["gpu-0001"].state)
    asyncio.run(ColossusProvider().delete(DeleteRequest(urn("r1"), "r1", old, 0.0)))
    assert hosts.hosts["gpu-0001"].state == before
    journal = SqliteJournal(tmp_path / "journal.sqlite")
    assert journal.last_applied("tiny") == {}
    journal.close()


def test_destroy_with_remove_takes_the_files_away(tmp_path: Path, hosts: FakeTransport) -> None:
    rack = {**of(declared(tmp_path)["r1"]), "onDestroy": PropertyValue("remove")}
    old = dict(created("r1", rack))
    asyncio.run(ColossusProvider().delete(DeleteRequest(urn("r1"), "r1", old, 0.0)))
    assert MOTD not in hosts.hosts["gpu-0001"].state


def test_properties_are_checked_before_anything_is_planned(tmp_path: Path) -> None:
    rack = {**of(declared(tmp_path)["r1"]), "connect": PropertyValue("post")}
    answer = asyncio.run(ColossusProvider().check(CheckRequest(urn("r1"), {}, rack, b"")))
    assert [failure.property for failure in answer.failures or ()] == ["connect"]
    del rack["bundle"]
    answer = asyncio.run(ColossusProvider().check(CheckRequest(urn("r1"), {}, rack, b"")))
    assert [failure.property for failure in answer.failures or ()] == ["bundle"]


def test_nothing_is_begun_after_a_cancel(tmp_path: Path, hosts: FakeTransport) -> None:
    rack = of(declared(tmp_path)["r1"])

    async def cancelled() -> None:
        provider = ColossusProvider()
        await provider.cancel()
        await provider.create(CreateRequest(urn("r1"), rack, 0.0, preview=False))

    with pytest.raises(Stopped):
        asyncio.run(cancelled())
    assert hosts.opened == []
