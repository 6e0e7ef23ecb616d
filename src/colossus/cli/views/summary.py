"""The numbers of a cluster at a glance."""

from collections.abc import Mapping
from typing import Any

from colossus.cli.views.table import show_facts, show_table

_FACTS = {
    "cluster": "cluster",
    "hosts": "hosts",
    "accelerators": "accelerators",
    "racks": "racks",
    "devices": "devices",
    "cables": "cables",
    "nominal_watts": "nominal W",
    "max_watts": "maximum W",
    "cooling": "cooling W",
    "weight_kg": "weight kg",
}
_FABRIC = {
    "fabric": "fabric",
    "topology": "topology",
    "planes": "planes",
    "components": "parts",
    "tiers": "tiers",
    "links": "links",
    "links_total": "total",
    "oversubscription": "down/up",
}


def show_summary(summary: Mapping[str, Any]) -> None:
    """Print the totals, then one line per fabric."""
    racks = {kind: count for kind, count in summary["racks"].items() if kind != "total"}
    cooling = {key.removesuffix("_watts"): watts for key, watts in summary["cooling"].items()}
    totals = {
        **summary,
        **summary["power"],
        "racks": f"{summary['racks']['total']} ({_counted(racks)})",
        "devices": _counted(summary["devices"]),
        "cables": _counted(summary["cables"]),
        "cooling": _counted(cooling),
    }
    show_facts(totals, _FACTS)
    print()
    show_table(
        [
            {
                "fabric": name,
                **fabric,
                **{key: _counted(fabric[key]) for key in ("tiers", "links", "oversubscription")},
            }
            for name, fabric in summary["fabrics"].items()
        ],
        _FABRIC,
        "Fabrics",
    )


def _counted(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
