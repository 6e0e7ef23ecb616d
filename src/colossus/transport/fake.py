"""Hosts in memory that understand the same requests: demos, simulation, tests of what goes wrong.

Deterministic: the same faults and the same requests give the same answers. A fake host holds a
state digest per resource; editing one (`host.edit`) is what a person does by hand on a real one.
"""

import base64
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from colossus.errors import TransportFailed
from colossus.plan.resource import digest_of
from colossus.transport.base import Endpoint

EDITED = ("file", "directory", "link", "absent")


@dataclass
class Fault:
    """What goes wrong with one host, and how often before it is well again.

    kind: `unreachable`; `fails` at the resource number `at`; `dies` (the connection ends) before
    the answer about resource number `at`, after it was changed; `slow` by `seconds` per resource.
    """

    kind: str
    at: int = 0
    seconds: float = 0.0
    times: int = 1_000_000

    def due(self) -> bool:
        """Whether it strikes now; counts."""
        self.times -= 1
        return self.times >= 0


@dataclass
class FakeHost:
    """One host: what it is, what ran on it, what is wrong with it."""

    state: dict[str, str] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    fault: Fault | None = None

    def edit(self, resource: str, text: str = "by hand") -> None:
        """Change something outside Colossus."""
        self.state[resource] = digest_of(text)


class FakeTransport:
    """Opens sessions to hosts in memory; a host not named yet comes into being empty."""

    def __init__(self, hosts: dict[str, FakeHost] | None = None) -> None:
        self.hosts = {} if hosts is None else hosts
        self.opened: list[str] = []

    def open(self, endpoint: Endpoint) -> "FakeSession":
        """Give a session, or fail as the host's fault says."""
        self.opened.append(endpoint.name)
        host = self.hosts.setdefault(endpoint.name, FakeHost())
        if host.fault is not None and host.fault.kind == "unreachable" and host.fault.due():
            raise TransportFailed(f"{endpoint.name} cannot be reached: No route to host")
        return FakeSession(endpoint.name, host)


class FakeSession:
    """A connection to a host in memory."""

    def __init__(self, name: str, host: FakeHost) -> None:
        self._name = name
        self._host = host

    def run(self, argv: Sequence[str], stdin: bytes, timeout: float) -> Iterator[str]:
        """Answer a request as the interpreter does; argv is not looked at."""
        del argv, timeout
        length, _, rest = stdin.partition(b"\n")
        request = json.loads(rest[int(length) :])
        for text in request["secrets"].values():
            base64.b64decode(text, validate=True)
        moved: set[str] = set()
        failed = False
        entries = [*request["resources"], *request["remove"]]
        for number, entry in enumerate(entries):
            told = _judge(self._host, entry, request, moved)
            if failed:
                told.update(outcome="skipped", action="")
            fault = self._strike(number)
            if fault == "fails" and not failed:
                told.update(outcome="failed", after=told["before"], message="a fault of the demo")
            failed = failed or told["outcome"] == "failed"
            if told["outcome"] == "changed":
                _carry_out(self._host, entry, told)
            if told["outcome"] in ("changed", "would-change"):
                moved.add(entry["id"])
            if fault == "dies":
                raise TransportFailed(f"{self._name}: the connection broke")
            yield json.dumps(told)
        yield json.dumps({"end": len(entries)})

    def close(self) -> None:
        """End the connection: there is none."""

    def _strike(self, number: int) -> str:
        fault = self._host.fault
        if fault is None or fault.kind == "unreachable":
            return ""
        if fault.kind == "slow":
            time.sleep(fault.seconds)
            return ""
        return fault.kind if number == fault.at and fault.due() else ""


def seeded_faults(names: Sequence[str], seed: int, share: float = 0.1) -> Mapping[str, Fault]:
    """Give faults for about `share` of the hosts; the same seed gives the same ones."""
    dice = random.Random(seed)  # noqa: S311 - which demo host fails is no secret
    kinds = ("unreachable", "fails", "dies")
    return {
        name: Fault(dice.choice(kinds), at=dice.randrange(4), times=1)
        for name in names
        if dice.random() < share
    }


def _judge(
    host: FakeHost, entry: dict[str, Any], request: dict[str, Any], moved: set[str]
) -> dict[str, Any]:
    """Say what becomes of one resource, by the interpreter's rules."""
    found = host.state.get(entry["id"], "")
    triggered = entry["id"] in request["pending"] or not moved.isdisjoint(entry.get("on", ()))
    outcome, action, after = _verdict(entry, found, request, triggered=triggered)
    if outcome == "changed" and request["check"]:
        outcome = "would-change"
    settled = outcome in ("ok", "changed", "would-change")
    return {
        "id": entry["id"],
        "outcome": outcome,
        "action": action,
        "before": found,
        "after": after if settled else found,
        "seconds": 0.0,
        "message": "changed outside Colossus" if outcome == "drifted" else "",
    }


def _verdict(
    entry: dict[str, Any], found: str, request: dict[str, Any], *, triggered: bool
) -> tuple[str, str, str]:
    """Give outcome, action and the digest that is reached."""
    kind, desired, last = entry["kind"], entry["desired"], entry.get("last")
    foreign = last is not None and found != last and kind in EDITED
    drift = not request["overwrite_drift"]
    if not desired:
        gone = ("drifted", "", found) if foreign and drift else ("changed", "delete", "")
        return gone if found else ("ok", "", "")
    if kind == "check":
        return ("skipped" if request["check"] else "ok"), "", desired
    if kind == "command":
        guarded = bool(entry["body"].get("unless") or entry["body"].get("creates"))
        runs = triggered or (guarded and found != desired)
        return ("changed", "run", desired) if runs else ("ok", "", desired)
    if found == desired:
        verb = entry["body"].get("on_change", "none") if kind == "service" and triggered else "none"
        return ("ok", "", desired) if verb == "none" else ("changed", verb, desired)
    if drift and (foreign or not entry.get("planned", True)):
        return "drifted", "", found
    return "changed", ("change" if found else "create"), desired


def _carry_out(host: FakeHost, entry: dict[str, Any], told: dict[str, Any]) -> None:
    if told["after"]:
        host.state[entry["id"]] = told["after"]
    else:
        host.state.pop(entry["id"], None)
    if told["action"] in ("run", "restart", "reload"):
        host.ran.append(f"{told['action']} {entry['id']}")
