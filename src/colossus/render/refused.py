"""The error of a playbook that cannot be rendered, with every finding that says why."""

from colossus.diagnostics import Diagnostic, Diagnostics, Severity, Where
from colossus.errors import InventoryRefused


class RenderRefused(InventoryRefused):
    """A playbook cannot be rendered; `findings` lists every reason with file and line."""

    def __init__(self, findings: list[Diagnostic]) -> None:
        collected = Diagnostics(findings)
        first = next(iter(collected))
        more = f" (and {len(collected) - 1} more)" if len(collected) > 1 else ""
        super().__init__(f"{first.where}: {first.summary}{more}", first.hint)
        self.findings = collected


def fault(code: str, file: str, line: int, summary: str, hint: str = "") -> Diagnostic:
    """Make an error finding at a place in a playbook."""
    return Diagnostic(Severity.ERROR, code, Where("", file, line), summary, hint)
