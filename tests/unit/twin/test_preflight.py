"""What a machine lacks for a twin is told at once, each with its cure."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from colossus.twin import preflight as asked
from colossus.twin.missing import Missing
from colossus.twin.preflight import preflight
from tests.twin.namespace_specs import small_spec

SPEC = small_spec("unit")


def test_without_root_that_is_said_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda tool, **_: None if tool == "ip" else "/bin/x")
    assert preflight()[:2] == [
        Missing("not root", "run as root: sudo colossus ..."),
        Missing(
            "ip is not installed", "apt-get install iproute2 (`make setup` installs all of them)"
        ),
    ]


def test_a_spec_that_cannot_be_built_is_missing_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: "/bin/x")
    found = preflight(replace(SPEC, management_switches=("oob9",)))
    summaries = [each.summary for each in found]
    assert "the management switch oob9 is not among the nodes" in summaries


def test_too_little_memory_asks_for_a_smaller_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "free_mib", lambda: 50)
    missing = Missing("50 MiB of memory are free, this twin needs 104", "rehearse a smaller slice")
    assert missing in preflight(SPEC)


def test_another_system_has_no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert [each.summary for each in preflight()] == ["namespaces are a thing of Linux"]


@pytest.mark.needs_root
def test_what_is_tried_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(asked.TRIES, "do what nobody can", ("echo no luck >&2; false", "give up"))
    monkeypatch.setattr(asked, "tools", lambda _: iter(()))
    before = Path("/proc/mounts").read_text(encoding="utf-8")
    assert Missing("this machine cannot do what nobody can: no luck", "give up") in preflight(SPEC)
    assert Path("/proc/mounts").read_text(encoding="utf-8") == before
