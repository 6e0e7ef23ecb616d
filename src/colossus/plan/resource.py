"""Desired state of one target, resource by resource, content-addressed.

A resource is what one playbook entry became for one host. Its body is JSON and leaves nothing to
decide; file contents are blobs named by their SHA-256, secrets are references that only the
apply step resolves. The interpreter on the host understands exactly these kinds and bodies:

    kind       body
    file       path, mode "0644", owner, group, content (blob digest) | secret (reference),
               validate? (argv, {} = the candidate's path)
    directory  path, mode, owner, group
    link       path, to
    absent     path                          (a file or link that must not exist)
    package    names [..]                    (installed; never upgraded in passing)
    user       name, uid?, group?, home, shell, system
    sysctl     key, value                    (live value; persistence is a file)
    module     name                          (kernel module loaded)
    mount      path, source, fstype, options
    service    name, running, enabled, on_change "restart" | "reload" | "none"
    command    argv, unless? argv, creates? path, timeout_seconds
               (without a guard it runs only when triggered)
    check      argv, retries, interval_seconds, timeout_seconds
               (health: read only, never a change)

`on` lists the ids whose change triggers this resource (a service restarts, a command runs).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from colossus.inventory.playbook import Kind

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def canonical(value: Json) -> str:
    """Write JSON the one way that digests are taken of: sorted keys, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


NOT_STATE = frozenset({"validate"})
"""Fields of a body that say how it is applied, not what it is; no part of the state digest."""


def digest_of(text: str) -> str:
    """SHA-256 of a text in UTF-8, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Resource:
    """One thing that must be so on one host; id is `kind:name`, unique on the host.

    reason is for people: which playbook entry asks for it.
    """

    id: str
    kind: Kind
    body: Mapping[str, Json]
    on: tuple[str, ...] = ()
    reason: str = ""

    @cached_property
    def digest(self) -> str:
        """State digest: what the host must report to be as desired."""
        state = {key: value for key, value in self.body.items() if key not in NOT_STATE}
        return digest_of(canonical({"kind": self.kind, "body": state}))

    @property
    def triggered_only(self) -> bool:
        """Whether it has no state of its own and runs only when something it watches changed."""
        guarded = "unless" in self.body or "creates" in self.body
        return self.kind == "command" and not guarded


@dataclass(frozen=True)
class Target:
    """One host or switch as the apply step sees it; wave orders roles (see plan.order)."""

    name: str
    role: str
    playbook: str
    rack: str
    address: str
    resources: tuple[Resource, ...]
    manage: Literal["apply", "render", "observe"] = "apply"
    wave: str = ""

    @cached_property
    def manifest(self) -> str:
        """Digest of the whole desired state of this target."""
        return digest_of(canonical([[r.id, r.digest, list(r.on)] for r in self.resources]))


@dataclass(frozen=True)
class Desired:
    """The desired state of every target, and the file contents they refer to."""

    cluster: str
    targets: Mapping[str, Target]
    blobs: Mapping[str, str] = field(default_factory=dict)


State = Mapping[str, Mapping[str, str]]
"""What targets are, or were last made to be: target → resource id → state digest."""
