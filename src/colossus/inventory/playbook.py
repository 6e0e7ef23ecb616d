"""What a playbook may say: the resources of one role or switch OS, in the order they are applied.

`playbooks/<name>/playbook.yaml` beside `files/`, whose paths are the destinations: the content of
`file: /etc/hostname` is `files/etc/hostname`, or `files/etc/hostname.j2` when it is rendered.
Text in braces (`{{ slurm.state_directory }}`) is rendered in paths and arguments too. Kinds are
those of `plan/resource.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag

from colossus.inventory.words import Authored, Name

Capability = Literal[
    "dns",
    "routed",
    "slurm",
    "slurm-member",
    "slurm-primary",
    "split-ports",
    "topology-conf",
    "topology-yaml",
]
SecretName = Literal["munge-key"]
AbsolutePath = Annotated[str, Field(pattern=r"^(/\S*|\{\{[^\n]*)$")]
FilePath = Annotated[str, Field(pattern=r"^/\S+$")]
Mode = Annotated[str, Field(pattern=r"^0[0-7]{3}$")]
Account = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")]
Argv = Annotated[tuple[str, ...], Field(min_length=1)]
ResourceId = Annotated[str, Field(pattern=r"^[a-z]+:\S+$")]
Seconds = Annotated[int, Field(ge=1, le=3600)]


class Entry(Authored):
    """What every resource says: why it is there, on which targets, and what triggers it.

    reason: one sentence for the operator, printed in plans. when: the capability a target must
    have. on: ids (`file:/etc/hostname`) of earlier resources whose change triggers this one.
    """

    reason: Annotated[str, Field(min_length=5, max_length=120)]
    when: Capability | None = None
    on: tuple[ResourceId, ...] = ()


class FileEntry(Entry):
    """A file with the content of `files/`, or a secret; validate: a program that must accept it.

    `{}` in validate stands for the candidate, which lies beside the file until it is accepted.
    """

    file: FilePath
    mode: Mode = "0644"
    owner: Account = "root"
    group: Account = "root"
    secret: SecretName | None = None
    validation: tuple[str, ...] = Field(default=(), alias="validate")


class DirectoryEntry(Entry):
    """A folder; what lies in it is not touched."""

    directory: AbsolutePath
    mode: Mode = "0755"
    owner: Account = "root"
    group: Account = "root"


class LinkEntry(Entry):
    """A symbolic link."""

    link: AbsolutePath
    to: str


class AbsentEntry(Entry):
    """A file or link that must not exist."""

    absent: AbsolutePath


class PackageEntry(Entry):
    """Packages of the system's own package source; installed, never upgraded in passing."""

    package: Name
    names: Annotated[tuple[str, ...], Field(min_length=1)]


class UserEntry(Entry):
    """An account."""

    user: Account
    uid: int | None = None
    group: Account | None = None
    home: str = "/nonexistent"
    shell: str = "/usr/sbin/nologin"
    system: bool = True


class SysctlEntry(Entry):
    """A kernel setting, live and after a reboot (the values are listed for templates, too)."""

    sysctl: Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[A-Za-z0-9_/-]+)+$")]
    value: str


class ModuleEntry(Entry):
    """A kernel module that must be loaded."""

    module: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]


class MountEntry(Entry):
    """A mounted file system."""

    mount: AbsolutePath
    source: str
    fstype: str
    options: str = "defaults"


class ServiceEntry(Entry):
    """A service; on_change: what to do to a running one when something in `on` changed."""

    service: Annotated[str, Field(pattern=r"^[a-zA-Z0-9@._-]+$")]
    running: bool = True
    enabled: bool = True
    on_change: Literal["restart", "reload", "none"] = "none"


class CommandEntry(Entry):
    """A command: guarded (`unless`, `creates`) it has a state; without it runs when triggered."""

    command: Name
    argv: Argv
    unless: tuple[str, ...] = ()
    creates: AbsolutePath | None = None
    timeout_seconds: Seconds = 60


class CheckEntry(Entry):
    """A health check: reads only, and must succeed within retries × interval."""

    check: Name
    argv: Argv
    retries: Annotated[int, Field(ge=0, le=600)] = 0
    interval_seconds: Seconds = 1
    timeout_seconds: Seconds = 10


Kind = Literal[
    "file",
    "directory",
    "link",
    "absent",
    "package",
    "user",
    "sysctl",
    "module",
    "mount",
    "service",
    "command",
    "check",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


def entry_kind(entry: Any) -> str | None:  # noqa: ANN401 — whatever the YAML holds
    """Give the kind of an authored entry: the one key that names it."""
    if isinstance(entry, Entry):
        return next((kind for kind in KINDS if kind in type(entry).model_fields), None)
    kinds = [kind for kind in KINDS if isinstance(entry, Mapping) and kind in entry]
    return f"{kinds[0]} entry" if len(kinds) == 1 else None


def kind_of(entry: Entry) -> str:
    """Give the kind of an entry, in the words of `plan/resource.py`."""
    return next(kind for kind in KINDS if kind in type(entry).model_fields)


ResourceEntry = Annotated[
    Annotated[FileEntry, Tag("file entry")]
    | Annotated[DirectoryEntry, Tag("directory entry")]
    | Annotated[LinkEntry, Tag("link entry")]
    | Annotated[AbsentEntry, Tag("absent entry")]
    | Annotated[PackageEntry, Tag("package entry")]
    | Annotated[UserEntry, Tag("user entry")]
    | Annotated[SysctlEntry, Tag("sysctl entry")]
    | Annotated[ModuleEntry, Tag("module entry")]
    | Annotated[MountEntry, Tag("mount entry")]
    | Annotated[ServiceEntry, Tag("service entry")]
    | Annotated[CommandEntry, Tag("command entry")]
    | Annotated[CheckEntry, Tag("check entry")],
    Discriminator(
        entry_kind,
        custom_error_type="playbook-entry-kind",
        custom_error_message="a resource has exactly one of the keys " + ", ".join(KINDS),
    ),
]
"""One resource of a playbook; which kind it is, is said by the key that carries its name."""

SettingValue = str | int


class Substitution(Authored):
    """One setting that a rehearsal replaces, because a twin cannot do what the metal does."""

    file: FilePath
    key: str
    value: SettingValue
    reason: Annotated[str, Field(min_length=5)]


class Playbook(Authored):
    """A role's playbook. include: playbooks whose resources come first.

    settings: file → key → value, for templates (`settings.tx_interval`); an empty value means
    that the line is left out. twin: the settings that a rehearsal replaces, and nothing else.
    """

    description: str
    include: tuple[Name, ...] = ()
    settings: dict[FilePath, dict[str, SettingValue]] = {}
    twin: tuple[Substitution, ...] = ()
    resources: tuple[ResourceEntry, ...] = ()


@dataclass(frozen=True)
class PlaybookFolder:
    """A playbook as read: its model and the files beside it.

    root: the folder as the operator would write it. files: path below `files/` (`etc/hostname.j2`)
    → text. lines: path in playbook.yaml (`resources[0].file`) → line.
    """

    name: str
    root: str
    playbook: Playbook
    files: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict)
