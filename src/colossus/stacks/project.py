"""The program of an ordinary Pulumi project: the resources of the stack that is selected.

Settings, all of the project's namespace: `inventory` (folder with cluster.yaml), `connect` (`ssh`,
or `twin` for the twin that is up), `onDestroy` (`leave` or `remove`), `labels` (a map).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from colossus.apply.sqlite import journal_path
from colossus.errors import UsageError
from colossus.load.playbooks import load_playbooks
from colossus.plan.resource import Desired
from colossus.render.desired import Overlay, render
from colossus.stacks.blocks import kinds_of
from colossus.stacks.program import Declared, Fate, declare, stacks_of
from colossus.stacks.site import sound_site
from colossus.stacks.store import FOLDER, Place


def main() -> None:
    """Declare the resources of the selected stack; runs inside the engine."""
    import pulumi

    settings = pulumi.Config("colossus")
    fate = Fate(
        "remove" if settings.get("onDestroy") == "remove" else "leave",
        tuple(sorted(_words(settings.get_object("labels") or {}))),
    )
    folder = Path(settings.require("inventory")).expanduser().resolve()
    stacks = stacks_at(folder, settings.get("connect") or "ssh", fate)
    declare(_of_stack(stacks, pulumi.get_stack()))


def _words(labels: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Give labels as text; `config set --path` makes a boolean of the word true."""
    for name, value in labels.items():
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def stacks_at(folder: Path, connect: str, fate: Fate) -> dict[str, list[Declared]]:
    """Give the resources of every stack of a site.

    Raises:
        SiteRefused, CheckFailed: the site cannot be loaded, or a check found an error.
    """
    sound = sound_site(folder)
    site = sound.fabric.site
    on_twin = connect == "twin"
    overlay: Overlay | None = "twin" if on_twin else None
    desired = render(sound.fabric, load_playbooks(site, sound.folder), overlay=overlay)
    place = _place_on_twin(desired) if on_twin else _place_of_hosts(desired, folder)
    if on_twin:
        desired = _present(desired, place)
    return stacks_of(desired, place, kinds_of(site), fate)


def _place_of_hosts(desired: Desired, folder: Path) -> Place:
    journal = journal_path(desired.cluster).resolve()
    return Place(desired.cluster, f"ssh:{folder}", journal, journal.parent / FOLDER)


def _place_on_twin(desired: Desired) -> Place:
    from colossus.twin.hands import JOURNAL
    from colossus.twin.state import folder_of

    folder = folder_of(desired.cluster).resolve()
    return Place(desired.cluster, f"twin:{desired.cluster}", folder / JOURNAL, folder / FOLDER)


def _present(desired: Desired, place: Place) -> Desired:
    """Leave out what the twin, a slice perhaps, has no nodes for."""
    from colossus.stacks.reaching import means_of

    endpoints = means_of(place.connect, (), {}).endpoints
    there = {name: each for name, each in desired.targets.items() if name in endpoints}
    return Desired(desired.cluster, there, desired.blobs)


def _of_stack(stacks: dict[str, list[Declared]], name: str) -> list[Declared]:
    if name not in stacks:
        raise UsageError(f"the site has no stack {name!r}", f"It has: {', '.join(stacks)}.")
    return stacks[name]
