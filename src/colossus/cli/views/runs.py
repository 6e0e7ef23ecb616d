"""How the journal's runs are shown."""

from collections import Counter
from collections.abc import Mapping, Sequence

from colossus.apply.journal import HostState, Run
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put, say
from colossus.cli.views.table import show_facts, show_table
from colossus.inventory.nodeset import fold
from colossus.transport.answer import Event

COLUMNS = {
    "run": "Run",
    "cluster": "Cluster",
    "where": "Where",
    "started": "Started (UTC)",
    "status": "Status",
    "hosts": "Hosts done",
    "plan": "Plan",
}
FACTS = {
    "run": "run",
    "cluster": "cluster",
    "where": "where",
    "status": "status",
    "started": "started",
    "ended": "ended",
    "against": "planned against",
    "plan_digest": "plan",
    "inventory_digest": "inventory",
    "operator": "operator",
    "journal": "journal",
}


def row_of(run: Run, hosts: Sequence[HostState], *, alive: bool) -> dict[str, object]:
    """Give one run as a row; a run that ended without a word is called killed."""
    done = sum(each.status == "done" for each in hosts)
    status = "killed" if run.status == "running" and not alive else run.status
    return {
        "run": run.id,
        "cluster": run.cluster,
        "where": run.reach.get("connect", "hosts"),
        "started": run.started.partition(".")[0].replace("T", " "),
        "ended": run.ended.partition(".")[0].replace("T", " "),
        "status": status,
        "hosts": f"{done} of {len(hosts)}",
        "plan": run.plan_digest[:12],
        "plan_digest": run.plan_digest,
        "against": run.against,
        "inventory_digest": run.inventory_digest,
        "operator": run.operator,
    }


def show_runs(rows: Sequence[Mapping[str, object]], output: str) -> None:
    """Print all runs."""
    if output == "json":
        put(as_json({"runs": list(rows)}))
    elif rows:
        show_table(rows, COLUMNS)
    else:
        say("no runs yet")


def show_run(
    facts: Mapping[str, object],
    hosts: Sequence[HostState],
    events: Sequence[tuple[str, Event]],
    output: str,
) -> None:
    """Print one run: its facts, its hosts folded by status, and what was changed."""
    if output == "json":
        put(as_json(_document(facts, hosts, events)))
        return
    show_facts(facts, FACTS)
    grouped: dict[tuple[str, str], list[str]] = {}
    for each in hosts:
        grouped.setdefault((each.status, each.error), []).append(each.host)
    for (status, error), names in sorted(grouped.items()):
        put(f"  {status:<12} {fold(names)}" + (f": {error}" if error else ""))
    changed: dict[tuple[str, str], list[str]] = {}
    for host, event in events:
        if event.outcome == "changed":
            changed.setdefault((event.action, event.id), []).append(host)
    for (action, resource), names in changed.items():
        put(f"  {action:<8} {resource}  {fold(sorted(set(names)))}")


def _document(
    facts: Mapping[str, object],
    hosts: Sequence[HostState],
    events: Sequence[tuple[str, Event]],
) -> dict[str, object]:
    told = [
        {
            "host": host,
            "resource": event.id,
            "outcome": event.outcome,
            "action": event.action,
            "before": event.before,
            "after": event.after,
            "seconds": event.seconds,
            "message": event.message,
        }
        for host, event in events
    ]
    return {
        **facts,
        "targets": [
            {"host": h.host, "status": h.status, "attempts": h.attempts, "error": h.error}
            for h in hosts
        ],
        "outcomes": dict(Counter(event.outcome for _, event in events)),
        "events": told,
    }
