"""The one place that knows which tiers there are: it takes hold of a twin that stands.

Everything above works on the protocol `Twin` alone.
"""

from pathlib import Path

from colossus.errors import RehearsalFailed
from colossus.twin import state
from colossus.twin.base import Twin
from colossus.twin.namespaces import NamespaceTwin


def standing(name: str, twins: Path = state.TWINS) -> Twin:
    """Take hold of a twin that is up; raises RehearsalFailed when there is none of that name."""
    found = state.load(name, twins)
    if found is None:
        raise RehearsalFailed(f"no twin named {name!r} is up", "`colossus twin up INV` builds one")
    return NamespaceTwin(found.spec, lasting=found.lasting, twins=twins)
