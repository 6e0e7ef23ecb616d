"""A playbook with everything it includes: one ordered list of entries, one set of settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from colossus.diagnostics import Diagnostic
from colossus.inventory.playbook import (
    Entry,
    PlaybookFolder,
    SettingValue,
    kind_of,
)
from colossus.render.refused import RenderRefused, fault

Settings = Mapping[str, Mapping[str, SettingValue]]


@dataclass(frozen=True, slots=True)
class Placed:
    """One entry and the playbook that it stands in; index counts from 0 within that playbook."""

    folder: PlaybookFolder
    index: int
    entry: Entry

    @property
    def key(self) -> str:
        """Give the id as authored: `file:/etc/hostname`; text in braces is not rendered yet."""
        kind = kind_of(self.entry)
        return f"{kind}:{getattr(self.entry, kind)}"

    @property
    def file(self) -> str:
        """Give the playbook.yaml the entry stands in."""
        return f"{self.folder.root}/playbook.yaml"

    @property
    def line(self) -> int:
        """Give the entry's line in it; 1 when unknown."""
        return self.folder.lines.get(f"resources[{self.index}]", 1)


@dataclass(frozen=True, slots=True)
class Substituted:
    """One setting that an overlay replaced, for the report; playbook is where it is listed."""

    playbook: str
    file: str
    key: str
    before: SettingValue
    after: SettingValue
    reason: str

    def __str__(self) -> str:
        """Give the line of the report."""
        name = self.file.removeprefix("/etc/")
        before, after = self.before or "(not set)", self.after or "(not set)"
        return f"{name} {self.key}: {after} in place of {before} ({self.reason})"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A playbook ready to be rendered for its targets."""

    name: str
    entries: tuple[Placed, ...]
    settings: Settings
    substituted: tuple[Substituted, ...]


def resolve(
    playbooks: Mapping[str, PlaybookFolder],
    name: str,
    overlay: str | None = None,
) -> Resolved:
    """Join a playbook with what it includes, included entries first, each playbook once.

    overlay: None, or `twin` to replace exactly the settings its `twin:` blocks list.
    Raises RenderRefused for entries given twice, triggers that come later, unknown settings.
    """
    folders = _in_order(playbooks, name)
    entries = tuple(
        Placed(folder, index, entry)
        for folder in folders
        for index, entry in enumerate(folder.playbook.resources)
    )
    findings = [*_doubled(entries), *_early_triggers(entries)]
    settings: dict[str, dict[str, SettingValue]] = {}
    for folder in folders:
        for file, values in folder.playbook.settings.items():
            settings.setdefault(file, {}).update(values)
    substituted = _substitute(folders, settings, findings, active=overlay == "twin")
    if findings:
        raise RenderRefused(findings)
    return Resolved(name, entries, settings, substituted)


def _in_order(playbooks: Mapping[str, PlaybookFolder], name: str) -> list[PlaybookFolder]:
    """List the playbook after everything it includes; a circle ends where it closes."""
    done: dict[str, PlaybookFolder] = {}
    opened: set[str] = set()

    def visit(each: str) -> None:
        if each in opened:
            return
        opened.add(each)
        for included in playbooks[each].playbook.include:
            visit(included)
        done[each] = playbooks[each]

    visit(name)
    return list(done.values())


def _doubled(entries: tuple[Placed, ...]) -> list[Diagnostic]:
    """Find resources given twice for the same capability; `when` may tell variants apart."""
    first: dict[tuple[str, str | None], Placed] = {}
    findings = []
    for placed in entries:
        key = (placed.key, placed.entry.when)
        if key in first:
            other = first[key]
            findings.append(
                fault(
                    "playbook-resource-twice",
                    placed.file,
                    placed.line,
                    f"{placed.key} is given here and in {other.file}:{other.line}",
                    "remove one of them, or tell them apart with `when:`",
                ),
            )
        first.setdefault(key, placed)
    return findings


def _early_triggers(entries: tuple[Placed, ...]) -> list[Diagnostic]:
    """Find triggers that name no earlier resource: they would never fire."""
    findings, seen = [], set()
    for placed in entries:
        findings += [
            fault(
                "playbook-trigger-unknown",
                placed.file,
                placed.line,
                f"{placed.key} is triggered by {trigger}, which is no earlier resource",
                "name a resource that stands above it, as `kind:name`",
            )
            for trigger in placed.entry.on
            if trigger not in seen
        ]
        seen.add(placed.key)
    return findings


def _substitute(
    folders: list[PlaybookFolder],
    settings: dict[str, dict[str, SettingValue]],
    findings: list[Diagnostic],
    *,
    active: bool,
) -> tuple[Substituted, ...]:
    """Put the twin's values in place; a key that production does not set is refused."""
    done = []
    for folder in folders:
        for index, each in enumerate(folder.playbook.twin):
            if each.key not in settings.get(each.file, {}):
                findings.append(
                    fault(
                        "playbook-twin-unknown",
                        f"{folder.root}/playbook.yaml",
                        folder.lines.get(f"twin[{index}]", 1),
                        f"the twin replaces {each.key} of {each.file}, which is no setting",
                        "list it under `settings:` with the value that production gets",
                    ),
                )
            elif active:
                before = settings[each.file][each.key]
                settings[each.file][each.key] = each.value
                done.append(
                    Substituted(folder.name, each.file, each.key, before, each.value, each.reason),
                )
    return tuple(done)
