"""Playbook folders into models: `playbook.yaml` and the files beside it, all faults at once.

A site's own `playbooks/` win over the shipped ones, folder by folder.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import TypeAdapter

from colossus.diagnostics import Diagnostic, Diagnostics, Severity, Where
from colossus.inventory.playbook import Playbook, PlaybookFolder
from colossus.inventory.site import Site
from colossus.load.faults import nearest
from colossus.load.files import Sources
from colossus.load.refused import SiteRefused
from colossus.load.schema import validated
from colossus.share import share

PLAYBOOK_FILE = "playbook.yaml"
_PLAYBOOK: TypeAdapter[Playbook] = TypeAdapter(Playbook)


def load_playbooks(
    site: Site,
    folder: Path,
    shown_below: Path | None = None,
) -> dict[str, PlaybookFolder]:
    """Read every playbook that the site's roles name, and what those include.

    folder: where cluster.yaml lies. Raises SiteRefused with every finding.
    """
    roles = {name: role.playbook for name, role in site.roles.items() if role.playbook}
    wanted = {playbook: f"roles.{name}.playbook" for name, playbook in roles.items()}
    return read_playbooks(wanted, (folder / "playbooks", share("playbooks", folder)), shown_below)


def read_playbooks(
    wanted: Mapping[str, str],
    roots: Iterable[Path],
    shown_below: Path | None = None,
) -> dict[str, PlaybookFolder]:
    """Read playbooks by name, each from the first root that has it.

    wanted: name → the authored path that asks for it.

    Raises SiteRefused with every finding.
    """
    sources, places = Sources(shown_below), tuple(roots)
    found: dict[str, PlaybookFolder] = {}
    findings: list[Diagnostic] = []
    waiting = {name: Where(path) for name, path in wanted.items()}
    while waiting:
        name, asked_at = waiting.popitem()
        holding = (root / name for root in places if (root / name / PLAYBOOK_FILE).is_file())
        folder = next(holding, None)
        if folder is None:
            findings.append(_unknown(name, asked_at, places))
            continue
        read = _read(name, folder, sources, findings)
        if read is not None:
            found[name] = read
            included = (each for each in read.playbook.include if each not in found)
            waiting |= dict.fromkeys(included, _including(read))
    if findings:
        raise SiteRefused("the playbooks cannot be loaded", Diagnostics(findings))
    return dict(sorted(found.items()))


def _read(
    name: str,
    folder: Path,
    sources: Sources,
    findings: list[Diagnostic],
) -> PlaybookFolder | None:
    root = f"playbooks.{name}"
    document = sources.read(folder / PLAYBOOK_FILE, f"playbooks/{name}/{PLAYBOOK_FILE}", root)
    findings += document.findings
    if document.value is None and document.findings:
        return None
    playbook, faults = validated(_PLAYBOOK, document, root)
    findings += faults
    if playbook is None:
        return None
    files = folder / "files"
    return PlaybookFolder(
        name=name,
        root=document.file.removesuffix(f"/{PLAYBOOK_FILE}"),
        playbook=playbook,
        files={
            path.relative_to(files).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(files.rglob("*"))
            if path.is_file()
        },
        lines={path.removeprefix(f"{root}."): place[1] for path, place in document.places.items()},
    )


def _including(read: PlaybookFolder) -> Where:
    file = f"{read.root}/{PLAYBOOK_FILE}"
    return Where(f"playbooks.{read.name}.include", file, read.lines.get("include", 0))


def _unknown(name: str, asked_at: Where, roots: tuple[Path, ...]) -> Diagnostic:
    known = sorted({path.parent.name for root in roots for path in root.glob(f"*/{PLAYBOOK_FILE}")})
    return Diagnostic(
        Severity.ERROR,
        "reference-unknown",
        asked_at,
        f"there is no playbook `{name}`",
        nearest(name, known, "Playbooks"),
    )
