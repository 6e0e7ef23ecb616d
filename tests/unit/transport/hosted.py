"""Runs requests in the interpreter, in this process and as the program that hosts get."""

import grp
import json
import os
import pwd
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from colossus.inventory.playbook import Kind
from colossus.plan.resource import Json, Resource, Target, digest_of
from colossus.transport.interpreter import command
from colossus.transport.interpreter.program import carry_out
from colossus.transport.request import Order, request
from colossus.transport.secrets import Secret

USER = pwd.getpwuid(os.geteuid()).pw_name
GROUP = grp.getgrgid(os.getegid()).gr_name


class Host:
    """A folder that plays a host: paths of resources lie below it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs: dict[str, str] = {}
        self.secrets: dict[str, Secret] = {}
        self.runs = 0

    def file(self, path: str, text: str, mode: str = "0644", **more: Json) -> Resource:
        self.blobs[digest_of(text)] = text
        return self._owned("file", path, mode, content=digest_of(text), **more)

    def secret(self, path: str, reference: str, value: bytes) -> Resource:
        self.secrets[reference] = Secret(value)
        return self._owned("file", path, "0600", secret=reference)

    def directory(self, path: str, mode: str = "0755") -> Resource:
        return self._owned("directory", path, mode)

    def link(self, path: str, to: str) -> Resource:
        return Resource(f"link:{self.at(path)}", "link", {"path": self.at(path), "to": to})

    def absent(self, path: str) -> Resource:
        return Resource(f"absent:{self.at(path)}", "absent", {"path": self.at(path)})

    def _owned(self, kind: Kind, path: str, mode: str, **more: Json) -> Resource:
        rights: dict[str, Json] = {"mode": mode, "owner": USER, "group": GROUP}
        body = {"path": self.at(path), **rights, **more}
        return Resource(f"{kind}:{self.at(path)}", kind, body)

    def at(self, path: str) -> str:
        return str(self.root / path)

    def order(self, **wishes: object) -> Order:
        self.runs += not wishes.get("check", True)
        defaults = {"run": f"r{self.runs}", "cluster": "test", "memory": str(self.root / ".memory")}
        return Order(**{**defaults, **wishes})  # type: ignore[arg-type]  # a test names fields

    def asked(self, *resources: Resource, **wishes: object) -> bytes:
        target = Target("host", "role", "playbook", "rack", "127.0.0.1", resources)
        return request(target, self.blobs, self.secrets, self.order(**wishes))

    def answer(self, *resources: Resource, **wishes: object) -> list[dict[str, Any]]:
        """Give the events, from this process."""
        asked = self.asked(*resources, **wishes)
        length, _, rest = asked.partition(b"\n")
        told: list[dict[str, Any]] = []
        carry_out(json.loads(rest[int(length) :]), told.append)
        return told

    def check(self, *resources: Resource, **wishes: object) -> list[dict[str, Any]]:
        return self.answer(*resources, check=True, **wishes)

    def apply(self, *resources: Resource, **wishes: object) -> list[dict[str, Any]]:
        return self.answer(*resources, check=False, **wishes)

    def sent(self, *resources: Resource, **wishes: object) -> subprocess.CompletedProcess[bytes]:
        """Run the request as a host does: another Python, nothing but the standard library."""
        asked = self.asked(*resources, **wishes)
        return subprocess.run(command(), input=asked, check=False, capture_output=True)


def outcomes(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["outcome"], event["action"]) for event in told]


def changes(told: list[dict[str, Any]]) -> set[tuple[str, str]]:
    wanted = ("changed", "would-change")
    return {(event["id"], event["action"]) for event in told if event["outcome"] in wanted}


def after(told: list[dict[str, Any]]) -> Mapping[str, str]:
    return {event["id"]: event["after"] for event in told}


def lines(path: Path) -> Iterator[str]:
    return iter(path.read_text().splitlines() if path.exists() else [])
