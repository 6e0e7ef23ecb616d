"""The error of a site that cannot be loaded, with every finding that says why."""

from colossus.diagnostics import Diagnostics
from colossus.errors import InventoryRefused


class SiteRefused(InventoryRefused):
    """The site cannot be loaded; `findings` lists every reason."""

    def __init__(self, summary: str, findings: Diagnostics) -> None:
        super().__init__(summary)
        self.findings = findings
