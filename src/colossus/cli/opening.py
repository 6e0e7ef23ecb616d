"""What most commands begin with: the site loaded, designed and, where they act on it, checked."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from colossus.checks.registry import run_checks
from colossus.diagnostics import Diagnostic, Diagnostics
from colossus.errors import CheckFailed, UsageError
from colossus.fabric.design import Design, design
from colossus.inventory.words import Provenance
from colossus.load.site import Loaded, load_site

Inventory = Annotated[
    Path,
    typer.Argument(metavar="INV", help="A folder with cluster.yaml, or that file."),
]
AllowRecable = Annotated[
    bool,
    typer.Option("--allow-recable", help="Let a change move cables that are installed."),
]
StageName = Annotated[str, typer.Option("--stage", help="The site as it must be at this stage.")]


class SiteFaulty(CheckFailed):
    """The site loads, but its checks found errors; `findings` lists them."""

    def __init__(self, summary: str, findings: Diagnostics) -> None:
        super().__init__(summary, "cure the errors above; `colossus check` lists them again")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Opened:
    """A site that loads: what was read, and what follows from it."""

    loaded: Loaded
    designed: Design

    def findings(self, required: Provenance | None = None) -> Diagnostics:
        """Give what loading, designing and checking found, with file and line.

        required: how sure the facts behind power, weight and cooling must be.
        """
        found = Diagnostics(self.loaded.diagnostics)
        found.extend(run_checks(self.designed, required))
        return Diagnostics(self._placed(finding) for finding in found)

    def _placed(self, finding: Diagnostic) -> Diagnostic:
        """Fill in file and line, for the finding and for the root that it follows from."""
        places = self.loaded.places
        code, _, path = finding.caused_by.partition(" at ")
        if path and path in places.known:
            finding = replace(finding, caused_by=f"{code} at {places.find(path)}")
        return places.locate(finding)


def opened(inventory: Path, stage: str = "", *, recable: bool = False) -> Opened:
    """Load and design a site.

    Raises:
        SiteRefused: it cannot be loaded.
        UsageError: it has no such stage.
    """
    return designed(load_site(inventory), stage, recable=recable)


def designed(loaded: Loaded, stage: str = "", *, recable: bool = False) -> Opened:
    """Design a site that was loaded already (from a revision, say); raises as `opened`.

    recable: what would move installed cables is a warning.
    """
    site = loaded.accepted()
    names = [each.name for each in site.stages]
    if stage and stage not in names:
        listed = ", ".join(names) or "none"
        raise UsageError(f"the site has no stage {stage!r}", f"its stages: {listed}")
    derived = design(
        site,
        loaded.catalog,
        loaded.lock,
        stage=stage or None,
        digest=loaded.digest,
        assets=loaded.assets,
        parts=loaded.parts,
        recable=recable,
    )
    return Opened(loaded, derived)


def checked(inventory: Path, stage: str = "", *, recable: bool = False) -> Opened:
    """Load, design and check a site, for commands that act on it.

    Raises:
        SiteRefused: it cannot be loaded.
        SiteFaulty: a check found an error.
    """
    return sound(opened(inventory, stage, recable=recable))


def sound(site: Opened) -> Opened:
    """Give the site back when its checks pass; raises SiteFaulty when they do not."""
    findings = site.findings()
    if findings.failed:
        raise SiteFaulty("the site does not pass its checks, so nothing was done", findings)
    return site
