"""Playbook entries into the resources of one target: ids, bodies, file contents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from colossus.inventory.playbook import (
    AbsentEntry,
    CheckEntry,
    CommandEntry,
    DirectoryEntry,
    Entry,
    FileEntry,
    Kind,
    LinkEntry,
    ModuleEntry,
    MountEntry,
    PackageEntry,
    ServiceEntry,
    SysctlEntry,
    UserEntry,
    kind_of,
)
from colossus.plan.resource import Json, Resource, digest_of
from colossus.render.context import SHARED
from colossus.render.refused import RenderRefused, fault
from colossus.render.resolve import Placed, Resolved
from colossus.render.templates import Compiled, Text, compiled

_OPEN = "{{"


@dataclass
class Renderer:
    """Makes resources from the entries of one playbook; keeps what is equal for all targets."""

    resolved: Resolved
    secrets: Mapping[str, str]
    blobs: dict[str, str]
    _templates: dict[tuple[str, str], Compiled] = field(default_factory=dict)
    _contents: dict[tuple[str, str], str] = field(default_factory=dict)
    _constant: dict[int, Resource] = field(default_factory=dict)

    def make(self, values: Mapping[str, object], held: frozenset[str]) -> tuple[Resource, ...]:
        """Give the resources of one target: its values, and the capabilities it has."""
        wanted = [
            (number, placed)
            for number, placed in enumerate(self.resolved.entries)
            if placed.entry.when is None or placed.entry.when in held
        ]
        entries = (placed.entry for _, placed in wanted)
        sysctls = tuple(entry for entry in entries if isinstance(entry, SysctlEntry))
        known = {**values, "sysctls": sysctls}
        made = [self._resource(number, placed, known) for number, placed in wanted]
        self._refuse_doubles(made)
        there = {resource.id for resource in made}
        return tuple(
            resource
            if set(resource.on) <= there
            else Resource(
                resource.id,
                resource.kind,
                resource.body,
                tuple(each for each in resource.on if each in there),
                resource.reason,
            )
            for resource in made
        )

    def _resource(self, number: int, placed: Placed, values: Mapping[str, object]) -> Resource:
        if number in self._constant:
            return self._constant[number]
        kind = cast("Kind", kind_of(placed.entry))
        name = self._text(placed, getattr(placed.entry, kind), values)
        body = self._body(placed, name, values)
        resource = Resource(
            id=f"{kind}:{name}",
            kind=kind,
            body=body,
            on=tuple(self._text(placed, each, values) for each in placed.entry.on),
            reason=placed.entry.reason,
        )
        if self._same_for_all(placed):
            self._constant[number] = resource
        return resource

    def _same_for_all(self, placed: Placed) -> bool:
        """Whether nothing in the entry or its file depends on the target."""
        source = self._source(placed)
        names: set[str] = set()
        if source is not None and source.endswith(".j2"):
            names |= self._template(placed, source).names
        if any(_OPEN in text for text in _texts(placed.entry)):
            for text in _texts(placed.entry):
                names |= self._inline(placed, text).names if _OPEN in text else set()
        return names <= SHARED

    def _body(self, placed: Placed, name: str, values: Mapping[str, object]) -> dict[str, Json]:
        entry = placed.entry
        if isinstance(entry, FileEntry):
            return self._file_body(placed, entry, name, values)
        body = _BODIES[type(entry)](entry)
        return {key: self._rendered(placed, value, values) for key, value in body.items()}

    def _file_body(
        self,
        placed: Placed,
        entry: FileEntry,
        name: str,
        values: Mapping[str, object],
    ) -> dict[str, Json]:
        body: dict[str, Json] = {
            "path": name,
            "mode": entry.mode,
            "owner": entry.owner,
            "group": entry.group,
        }
        if entry.validation:
            body["validate"] = list(entry.validation)
        if entry.secret is not None:
            body["secret"] = self._secret(placed, entry.secret)
        else:
            text = self._content(placed, entry.file, values)
            digest = digest_of(text)
            self.blobs[digest] = text
            body["content"] = digest
        return body

    def _secret(self, placed: Placed, name: str) -> str:
        if name in self.secrets:
            return self.secrets[name]
        summary = f"the site names no secret {name}"
        raise RenderRefused([fault("playbook-secret-unknown", placed.file, placed.line, summary)])

    def _content(self, placed: Placed, path: str, values: Mapping[str, object]) -> str:
        source = self._source(placed)
        if source is None:
            relative = path.lstrip("/")
            raise RenderRefused(
                [
                    fault(
                        "playbook-file-missing",
                        placed.file,
                        placed.line,
                        f"{path} has no content: there is no files/{relative} beside this playbook",
                        f"add files/{relative}, or files/{relative}.j2 if it is to be rendered",
                    ),
                ],
            )
        if not source.endswith(".j2"):
            return placed.folder.files[source]
        key = (placed.folder.name, source)
        if key in self._contents:
            return self._contents[key]
        template = self._template(placed, source)
        settings = self.resolved.settings.get(path, {})
        text = template.render({**values, "settings": settings})
        if template.names <= SHARED:
            self._contents[key] = text
        return text

    def _source(self, placed: Placed) -> str | None:
        """Give the file of `files/` that an entry's content comes from."""
        entry = placed.entry
        if not isinstance(entry, FileEntry) or entry.secret is not None:
            return None
        relative = entry.file.lstrip("/")
        names = (relative, f"{relative}.j2")
        return next((name for name in names if name in placed.folder.files), None)

    def _template(self, placed: Placed, source: str) -> Compiled:
        key = (placed.folder.name, source)
        if key not in self._templates:
            text = placed.folder.files[source]
            self._templates[key] = compiled(Text(text, f"{placed.folder.root}/files/{source}"))
        return self._templates[key]

    def _inline(self, placed: Placed, text: str) -> Compiled:
        key = (placed.folder.name, f"{placed.line}:{text}")
        if key not in self._templates:
            place = Text(text, placed.file, placed.line)
            # Arguments and paths are whole words already, so no quoting filter is asked for.
            self._templates[key] = compiled(place, quoted=False)
        return self._templates[key]

    def _text(self, placed: Placed, text: str, values: Mapping[str, object]) -> str:
        return self._inline(placed, text).render(values) if _OPEN in text else text

    def _rendered(self, placed: Placed, value: Json, values: Mapping[str, object]) -> Json:
        if isinstance(value, str):
            return self._text(placed, value, values)
        if isinstance(value, list):
            return [self._rendered(placed, each, values) for each in value]
        return value

    def _refuse_doubles(self, made: list[Resource]) -> None:
        """Two variants of one resource must exclude each other by their capabilities."""
        seen: set[str] = set()
        for resource in made:
            if resource.id in seen:
                where = f"playbook {self.resolved.name}"
                summary = f"{resource.id} comes out twice for one target"
                raise RenderRefused([fault("playbook-resource-twice", where, 0, summary)])
            seen.add(resource.id)


def _texts(entry: Entry) -> list[str]:
    """Give every text of an entry that may hold braces."""
    kind = kind_of(entry)
    texts = [str(getattr(entry, kind)), *entry.on]
    if not isinstance(entry, FileEntry):
        for value in _BODIES[type(entry)](entry).values():
            values = value if isinstance(value, list) else [value]
            texts += [each for each in values if isinstance(each, str)]
    return texts


def _of(kind: type[Entry], *names: str, **renamed: str) -> Callable[[Entry], dict[str, Json]]:
    """Give a function that copies these fields of an entry into a body; empty ones are left out."""

    def body(entry: Entry) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key, name in {**dict(zip(names, names, strict=True)), **renamed}.items():
            value = getattr(entry, name)
            if value is not None and value != ():
                found[key] = list(value) if isinstance(value, tuple) else value
        return found

    body.__doc__ = f"Give the body of a {kind.__name__}."
    return body


_BODIES: Mapping[type[Entry], Callable[[Entry], dict[str, Json]]] = {
    DirectoryEntry: _of(DirectoryEntry, "mode", "owner", "group", path="directory"),
    LinkEntry: _of(LinkEntry, "to", path="link"),
    AbsentEntry: _of(AbsentEntry, path="absent"),
    PackageEntry: _of(PackageEntry, "names"),
    UserEntry: _of(UserEntry, "uid", "group", "home", "shell", "system", name="user"),
    SysctlEntry: _of(SysctlEntry, "value", key="sysctl"),
    ModuleEntry: _of(ModuleEntry, name="module"),
    MountEntry: _of(MountEntry, "source", "fstype", "options", path="mount"),
    ServiceEntry: _of(ServiceEntry, "running", "enabled", "on_change", name="service"),
    CommandEntry: _of(CommandEntry, "argv", "unless", "creates", "timeout_seconds"),
    CheckEntry: _of(CheckEntry, "argv", "retries", "interval_seconds", "timeout_seconds"),
}
"""How each kind of entry becomes the body that plan/resource.py describes."""
