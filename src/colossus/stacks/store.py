"""Where stacks, their secrets' passphrase and the desired state of each resource are kept.

Pulumi's state holds digests alone. What they stand for lies in files named by their digest, so
that a refresh or a destroy, days later, still knows what was meant.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from colossus.errors import PlanRefused
from colossus.load.writing import write_text
from colossus.plan.difference import make_plan
from colossus.plan.document import from_text, to_text
from colossus.plan.resource import Desired
from colossus.stacks.blocks import assign_shards

RACKS_PER_STACK = 100
"""Measured (docs/pulumi.md): the cost of one step grows with the stack, the fixed cost does not."""
OWNER_ONLY = 0o600
FOLDER = "pulumi"  # beside the journal


@dataclass(frozen=True, slots=True)
class Place:
    """Where one cluster's stacks live and how its hosts are reached (see blocks.Inputs)."""

    cluster: str
    connect: str
    journal: Path
    folder: Path

    @property
    def store(self) -> Path:
        """Desired states, by digest."""
        return self.folder / "desired"

    @property
    def backend(self) -> str:
        """The engine's back end: PULUMI_BACKEND_URL where the operator set it, else files here."""
        chosen = os.environ.get("PULUMI_BACKEND_URL")
        if chosen:
            return chosen
        stacks = self.folder / "stacks"
        stacks.mkdir(mode=0o700, parents=True, exist_ok=True)
        return f"file://{stacks}"

    def passphrase(self) -> Path:
        """Give the file with the passphrase of stack secrets; made at random the first time."""
        path = self.folder / "passphrase"
        if not path.exists():
            write_text(path, secrets.token_urlsafe(32) + "\n", mode=OWNER_ONLY)
        return path

    def shards(self, racks: list[str]) -> dict[str, int]:
        """Give the shard of every rack, and write down those of new ones."""
        path = self.folder / "shards.json"
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        shards = assign_shards(racks, known, RACKS_PER_STACK)
        if shards != known:
            write_text(path, json.dumps(shards, indent=1, sort_keys=True) + "\n")
        return shards


def keep(desired: Desired, store: Path) -> str:
    """Write down a desired state; give its digest. The same content is written once."""
    plan = make_plan(desired, {}, against="nothing", inventory_digest="")
    path = store / f"{plan.digest}.json"
    if not path.exists():
        write_text(path, to_text(plan))
    return plan.digest


def fetch(bundle: str, store: Path) -> Desired:
    """Read a desired state.

    Raises:
        PlanRefused: it is not there, or it is not what its name says.
    """
    path = store / f"{bundle}.json"
    if not path.is_file():
        raise PlanRefused(
            f"the desired state {bundle[:12]}… is not in {store}",
            "Run `colossus provision INV --via pulumi`: it writes it again.",
        )
    plan = from_text(path.read_text("utf-8"))
    if plan.digest != bundle:
        raise PlanRefused(f"{path} is not what its name says", "Remove it and provision again.")
    return Desired(plan.cluster, plan.targets, plan.blobs)
