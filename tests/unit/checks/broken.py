"""Cases of broken sites: an edit to a shipped example, and the findings that it must give.

A case is one file under `cases/`:

    set:     {path: value}      edits of cluster.yaml; a path ending in `[+]` appends
    remove:  [path, ...]        keys or entries taken away, after `set`
    catalog: {model: {path: value}}   edits of a catalogue file, copied beside the site
    lock:    {path: value}      the site is locked before the edits; then the lock is edited
    assets: |                   the text of assets.csv
    require: public             how sure facts must be, as `check --require-provenance`
    roots:   1                  how many findings do not follow from another one
    standing: [code, ...]       further ones that the example gives as shipped
    findings: |                 every finding, as `shown` prints it
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from colossus.cli.check import all_findings
from colossus.diagnostics import Diagnostic
from colossus.fabric.design import design
from colossus.inventory.words import Provenance
from colossus.load.lock import lock_text
from colossus.load.site import load_site

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = "stanford-nlp"
STEP = re.compile(r"[^.\[\]]+|\[(?:\d+|\+)\]")


def edited(document: Any, changes: Mapping[str, object], removed: list[str]) -> Any:  # noqa: ANN401 — any YAML
    """Change a document in place: set the paths, then remove others."""
    for path, value in changes.items():
        holder, last = _holder(document, path)
        if last == "+":
            holder.append(value)
        else:
            holder[last] = value
    for path in removed:
        holder, last = _holder(document, path)
        del holder[last]
    return document


def _holder(document: Any, path: str) -> tuple[Any, Any]:  # noqa: ANN401 — any YAML
    steps = [_step(word) for word in STEP.findall(path)]
    for step in steps[:-1]:
        document = document[step]
    return document, steps[-1]


def _step(word: str) -> str | int:
    inner = word.strip("[]")
    return int(inner) if word.startswith("[") and inner != "+" else inner


def build(case: Mapping[str, Any], folder: Path) -> Path:
    """Write the site of a case."""
    example = ROOT / "examples" / case.get("example", EXAMPLE)
    if "lock" in case:
        loaded = load_site(example)
        lock = yaml.safe_load(lock_text(design(loaded.accepted(), loaded.catalog).lock))
        write(folder / "cluster.lock", edited(lock, case["lock"] or {}, []))
    document = yaml.safe_load((example / "cluster.yaml").read_text(encoding="utf-8"))
    write(folder / "cluster.yaml", edited(document, case.get("set", {}), case.get("remove", [])))
    if "assets" in case:
        (folder / "assets.csv").write_text(case["assets"], encoding="utf-8")
    for model, changes in case.get("catalog", {}).items():
        shipped = ROOT / "inventory" / "catalog" / f"{model}.yaml"
        item = yaml.safe_load(shipped.read_text(encoding="utf-8"))
        write(folder / "catalog" / f"{model}.yaml", edited(item, changes, []))
    return folder


def write(path: Path, document: object) -> None:
    """Write YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def found(case: Mapping[str, Any], folder: Path) -> list[Diagnostic]:
    """Load, design and check the site of a case."""
    required = Provenance(case["require"]) if "require" in case else None
    return list(all_findings(load_site(build(case, folder)), case.get("stage", ""), required))


def shown(findings: list[Diagnostic]) -> str:
    """Print findings with everything that an operator and a tool sees, but file and line."""
    lines: list[str] = []
    paths = {f"{f.code} at {f.where}": f"{f.code} at {f.where.path}" for f in findings}
    for finding in findings:
        lines.append(f"{finding.severity} {finding.code} at {finding.where.path}")
        lines.append(f"  {finding.summary}")
        lines.append(f"  hint: {finding.hint}")
        if finding.rests_on:
            lines.append(f"  rests on {finding.rests_on}")
        if finding.caused_by:
            cause = paths.get(finding.caused_by, finding.caused_by)
            lines.append(f"  follows from {cause}")
    return "\n".join(lines)
