"""What one host is asked: its whole desired state, what was last applied, what may be done.

Built for one host at a time and right before it is sent, because it holds the secrets' values.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from colossus.plan.resource import Json, Resource, Target
from colossus.transport.interpreter import packed
from colossus.transport.secrets import Secret

REMOVABLE = ("file", "directory", "link")


@dataclass(frozen=True, slots=True)
class Retired:
    """Something that was applied once and is wanted no more; secret is its reference, if any."""

    id: str
    digest: str
    secret: str = ""

    @property
    def kind(self) -> str:
        """The kind, which ids begin with."""
        return self.id.partition(":")[0]

    def body(self) -> dict[str, Json]:
        """Give a body of the shape that its state digest was taken of, for what is found."""
        path = self.id.partition(":")[2]
        if self.kind == "link":
            return {"path": path, "to": ""}
        rights: dict[str, Json] = {"path": path, "mode": "", "owner": "", "group": ""}
        if self.kind == "directory":
            return rights
        content = ("secret", self.secret) if self.secret else ("content", "")
        return {**rights, content[0]: content[1]}


@dataclass(frozen=True, slots=True)
class Order:
    """What may be done to one host, and what is known of it.

    last: resource id → state digest as last applied; planned: ids that the plan changes. pending:
    ids that an earlier, killed attempt still owes a trigger → the run that owes it. token: of the
    lease, which the host compares with the latest it has seen. memory: the host's folder for what
    it remembers of runs (empty = its own default).
    """

    run: str
    cluster: str
    token: int = 0
    check: bool = True
    overwrite_drift: bool = False
    last: Mapping[str, str] = field(default_factory=dict)
    planned: frozenset[str] | None = None
    pending: Mapping[str, str] = field(default_factory=dict)
    remove: Sequence[Retired] = ()
    memory: str = ""


def request(
    target: Target,
    blobs: Mapping[str, str],
    secrets: Mapping[str, Secret],
    order: Order,
) -> bytes:
    """Give the bytes for the interpreter's stdin: the program, then the request.

    planned None means that nothing was planned yet: every resource may differ (check mode).
    Secrets that are not given are compared by their rights alone.
    """
    contents = {str(r.body["content"]) for r in target.resources if "content" in r.body}
    wanted = {str(r.body["secret"]) for r in target.resources if "secret" in r.body}
    body = {
        "run": order.run,
        "cluster": order.cluster,
        "token": order.token,
        "check": order.check,
        "overwrite_drift": order.overwrite_drift,
        "memory": order.memory,
        "pending": dict(order.pending),
        "resources": [_resource(each, order) for each in target.resources],
        "blobs": {digest: blobs[digest] for digest in sorted(contents)},
        "secrets": {
            ref: base64.b64encode(secrets[ref].reveal()).decode()
            for ref in sorted(wanted & secrets.keys())
        },
        "remove": [
            {"id": r.id, "kind": r.kind, "body": r.body(), "desired": "", "last": r.digest}
            for r in order.remove
            if r.kind in REMOVABLE
        ],
    }
    return packed() + json.dumps(body, separators=(",", ":")).encode()


def expected(target: Target, order: Order) -> tuple[str, ...]:
    """Give the ids that the answer must be about, in order."""
    gone = tuple(each.id for each in order.remove if each.kind in REMOVABLE)
    return (*(each.id for each in target.resources), *gone)


def _resource(resource: Resource, order: Order) -> dict[str, Json]:
    return {
        "id": resource.id,
        "kind": resource.kind,
        "body": dict(resource.body),
        "on": list(resource.on),
        "desired": resource.digest,
        "last": order.last.get(resource.id),
        "planned": order.planned is None or resource.id in order.planned,
    }
