"""The program of `infra/twin`: the machines of a site's dry run, and nothing of its configuration.

Settings: `inventory` (folder with cluster.yaml), `tier` (`vm`, or `ns` for namespaces in their
place), `part` (as `--slice`).
"""

from pathlib import Path

from colossus.stacks.machines import declared
from colossus.stacks.program import declare_machines
from colossus.twin.base import TierName


def main() -> None:
    """Declare the machines of the twin; runs inside the engine."""
    import pulumi

    settings = pulumi.Config("colossus")
    folder = Path(settings.require("inventory")).expanduser().resolve()
    tier: TierName = "ns" if settings.get("tier") == "ns" else "vm"
    declare_machines(declared(folder, tier, settings.get("part") or ""))
