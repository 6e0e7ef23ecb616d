"""From an opened site to the desired state of its targets, as plan, render and the twin want it."""

from collections.abc import Collection, Iterator

from colossus.cli.opening import Opened
from colossus.errors import UsageError
from colossus.fabric.location import machines_in
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import NodeSetError, expand
from colossus.load.playbooks import load_playbooks
from colossus.render.desired import Overlay, Rendered, render_with_report


def rendered(
    site: Opened, overlay: Overlay | None = None, only: Collection[str] | None = None
) -> Rendered:
    """Render every target of a site; overlay `twin` replaces what a twin cannot do as metal does.

    only: names of the targets to render, none = all. Raises SiteRefused or RenderRefused with
    every finding.
    """
    playbooks = load_playbooks(site.loaded.accepted(), site.loaded.folder)
    return render_with_report(site.designed.fabric, playbooks, overlay=overlay, only=only)


def limited_to(folded: str, fabric: Fabric | None = None) -> frozenset[str]:
    """Read `--limit`: hosts, and places of the fabric (`array=h1-p3-a2`) for all machines there.

    Raises:
        UsageError: it makes no sense, or names a place without machines.
    """
    try:
        words = expand(folded)
    except NodeSetError as fault:
        hint = "Like gpu-[01-04],leaf-01 or array=h1-p3-a2."
        raise UsageError(f"--limit: {fault}", hint) from None
    return frozenset(name for word in words for name in _named(word, fabric))


def _named(word: str, fabric: Fabric | None) -> Iterator[str]:
    level, equals, name = word.partition("=")
    if not equals or fabric is None:
        yield word
        return
    found = machines_in(fabric, level, name)
    if not found:
        raise UsageError(f"--limit: no machine stands in {word}", "`show INV racks` lists places.")
    yield from found
