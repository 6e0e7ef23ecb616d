"""From an opened site to the desired state of its targets, as plan, render and the twin want it."""

from collections.abc import Collection, Iterator

from colossus.cli.opening import Opened
from colossus.errors import UsageError
from colossus.fabric.location import machines_in
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import NodeSetError, expand
from colossus.load.playbooks import load_playbooks
from colossus.render.desired import Rendered, render_with_report


def rendered(site: Opened, only: Collection[str] | None = None) -> Rendered:
    """Render every target of a site; only: names of those to render, none = all.

    Raises SiteRefused or RenderRefused with every finding.
    """
    playbooks = load_playbooks(site.loaded.accepted(), site.loaded.folder)
    return render_with_report(site.designed.fabric, playbooks, only=only)


def rendered_for_twin(
    site: Opened,
    nodes: Collection[str] | None = None,
    untold: Collection[tuple[str, str]] = (),
) -> Rendered:
    """Render a site as a twin gets it, with what a twin cannot do as metal does replaced.

    nodes: those of the twin, none = the whole site; untold: ports that they do not have. Raises
    SiteRefused or RenderRefused with every finding.
    """
    playbooks = load_playbooks(site.loaded.accepted(), site.loaded.folder)
    return render_with_report(
        site.designed.fabric, playbooks, overlay="twin", only=nodes, untold=untold
    )


def rendered_on(site: Opened, twin: str) -> Rendered:
    """Render a site as the twin of this name gets it, which is up: its nodes, its ports.

    Raises RehearsalFailed for a twin that is not up, SiteRefused or RenderRefused with every
    finding.
    """
    from colossus.twin.tiers import standing

    spec = standing(twin).spec
    known = site.designed.fabric.device_index
    nodes = [node.name for node in spec.nodes if node.name in known]
    return rendered_for_twin(site, nodes, spec.untold)


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
