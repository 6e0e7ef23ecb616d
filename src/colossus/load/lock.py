"""Writing `cluster.lock`: sorted and stable, so that a review in git shows decisions only.

The file is replaced in one step: a reader sees the old lock or the new one, never half of it.
"""

from pathlib import Path

import yaml

from colossus.inventory.locks import Lock
from colossus.load.writing import write_text

_HEAD = """\
# Decisions that the built cluster rests on. Written by `colossus lock`; review it in git.
# Names, ports, addresses and cable ids follow from cluster.yaml and this file.
"""


class _Flow(list[object]):
    """A list that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Block style without anchors; lists of plain values on one line."""

    def ignore_aliases(self, _: object) -> bool:
        """Write equal values out each time: the dialect counts aliases."""
        return True


def _on_one_line(dumper: yaml.SafeDumper, items: _Flow) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(_Flow, _on_one_line)


def lock_text(lock: Lock) -> str:
    """Give the text of `cluster.lock`; the same lock gives the same bytes."""
    content = _flowing(lock.model_dump(mode="json"))
    return _HEAD + yaml.dump(
        content,
        Dumper=_Dumper,
        sort_keys=True,
        default_flow_style=False,
        width=100,
        allow_unicode=True,
    )


def write_lock(path: Path, lock: Lock) -> None:
    """Replace the lock file in one step and keep it through a power cut."""
    write_text(path, lock_text(lock))


def _flowing(value: object) -> object:
    """Mark the innermost lists, so that runs of numbers stay on one line."""
    if isinstance(value, dict):
        return {key: _flowing(entry) for key, entry in value.items()}
    if isinstance(value, list):
        inner = any(isinstance(entry, (dict, list)) for entry in value)
        return [_flowing(entry) for entry in value] if inner else _Flow(value)
    return value
