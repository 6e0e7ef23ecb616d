"""A site that passes its checks, as programs of Pulumi projects need it."""

from dataclasses import dataclass
from pathlib import Path

from colossus.checks.registry import run_checks
from colossus.diagnostics import Diagnostics
from colossus.errors import CheckFailed
from colossus.fabric.design import design
from colossus.fabric.model import Fabric
from colossus.load.site import load_site


@dataclass(frozen=True, slots=True)
class SoundSite:
    """The designed cluster, and the folder that it was read from."""

    fabric: Fabric
    folder: Path


def sound_site(path: Path) -> SoundSite:
    """Load, design and check a site.

    Raises:
        SiteRefused, CheckFailed: it cannot be loaded, or a check found an error.
    """
    loaded = load_site(path)
    designed = design(
        loaded.accepted(),
        loaded.catalog,
        loaded.lock,
        digest=loaded.digest,
        assets=loaded.assets,
    )
    if Diagnostics(run_checks(designed)).failed:
        raise CheckFailed("the site does not pass its checks", f"colossus check {path}")
    return SoundSite(designed.fabric, loaded.folder)
