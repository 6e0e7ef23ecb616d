"""From an opened site to the desired state of its targets, as plan, render and the twin want it."""

from collections.abc import Collection

from colossus.cli.opening import Opened
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
