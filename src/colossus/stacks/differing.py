"""How a resource's state differs from what is wanted, as paths that Pulumi shows."""

from typing import Literal

from colossus.plan.resource import State
from colossus.stacks.blocks import Folded, Inputs, folded, unfolded

DiffKind = Literal["add", "delete", "update"]
Differences = dict[str, DiffKind]
_PLAIN = ("cluster", "connect", "journal", "store", "bundle", "hosts", "onDestroy", "labels")


def differing(old: Inputs, new: Inputs) -> Differences:
    """Compare what the stack's state shows with what is wanted: which files of which hosts."""
    return {**_plain(old, new), **_resources(old.resources, new.resources)}


def differing_in_run(old: Inputs, new: Inputs, changed: set[str], known: State) -> Differences:
    """Give what a run's plan changes in this resource, and what its state has to catch up with.

    known: what was last applied to the hosts. Hosts that the plan leaves alone stay as they are,
    whatever the site wants of them (`--limit`, a manual edit).
    """
    planned: Differences = {_path(identity): "update" for identity in sorted(changed)}
    return {**_plain(old, new), **_resources(old.resources, folded(known)), **planned}


def _plain(old: Inputs, new: Inputs) -> Differences:
    before, after = old.properties(), new.properties()
    return {name: "update" for name in _PLAIN if before[name] != after[name]}


def _resources(old: Folded, new: Folded) -> Differences:
    """Compare host by host, so that another folding of the same state is no difference."""
    before, after = _by_resource(old), _by_resource(new)
    found: Differences = {}
    for identity in sorted(before.keys() | after.keys()):
        was, now = before.get(identity, {}), after.get(identity, {})
        if was == now:
            continue
        if not was or not now:
            found[_path(identity)] = "delete" if was else "add"
            continue
        old_groups, new_groups = old[identity], new[identity]
        for hosts in sorted(old_groups.keys() | new_groups.keys()):
            if old_groups.get(hosts) != new_groups.get(hosts):
                path = f"{_path(identity)}[{_quoted(hosts)}]"
                found[path] = _kind(hosts in old_groups, hosts in new_groups)
    return found


def _by_resource(resources: Folded) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for host, known in unfolded(resources).items():
        for identity, digest in known.items():
            found.setdefault(identity, {})[host] = digest
    return found


def _kind(was: bool, is_now: bool) -> DiffKind:  # noqa: FBT001 - the two sides of a comparison
    if was and is_now:
        return "update"
    return "delete" if was else "add"


def _path(identity: str) -> str:
    return f"resources[{_quoted(identity)}]"


def _quoted(key: str) -> str:
    """Write a key as Pulumi's property paths do."""
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
