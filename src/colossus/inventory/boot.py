"""What the operator says about installing hosts: the boot server, images, and the way to BMCs.

Which roles boot over the network, with which image and kernel arguments. Nothing here arms an
install: that is an act of its own (`colossus bmc install`), host by host.
"""

from typing import Annotated, Literal

from pydantic import Field

from colossus.inventory.words import Authored, Name, SecretRef

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
KernelArgument = Annotated[str, Field(pattern=r"^[A-Za-z0-9][^\s\"'$`{}\\]{0,199}$")]
InitialPath = Annotated[str, Field(pattern=r"^/[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Device = Annotated[str, Field(pattern=r"^/dev/[A-Za-z0-9/_.:-]+$")]
Folder = Annotated[str, Field(pattern=r"^/[\w./-]+$")]


class BootImage(Authored):
    """An image: files in its own folder on the boot server.

    files: what the loader puts into the first file system beside the initrd, by its path there.
    """

    kernel: FileName = "vmlinuz"
    initrd: FileName = "initrd"
    files: dict[InitialPath, FileName] = {}


class BootRole(Authored):
    """How hosts of a role are installed: on which disk, with which further kernel arguments."""

    image: Name
    disk: Device = "/dev/sda"
    kernel_arguments: tuple[KernelArgument, ...] = ()


class Boot(Authored):
    """The boot server and what it serves.

    known_by: DHCP knows a host by its MAC (assets.csv), or by the switch port that it is plugged
    into, as the management switches say it in option 82 (remote id = switch, circuit id = port).
    """

    server_role: Name
    images: Annotated[dict[Name, BootImage], Field(min_length=1)]
    roles: Annotated[dict[Name, BootRole], Field(min_length=1)]
    known_by: Literal["mac", "port"] = "mac"
    http_port: Annotated[int, Field(ge=1024, le=65535)] = 8080
    image_folder: Folder = "/srv/colossus/images"


class BmcAccess(Authored):
    """How BMCs are reached by Redfish. authority: PEM file of who signs them, else the system's.

    verify false takes any certificate: whoever answers at that address gets the password.
    """

    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@-]{1,32}$")]
    password: SecretRef
    port: Annotated[int, Field(ge=1, le=65535)] = 443
    scheme: Literal["https", "http"] = "https"
    login: Literal["session", "basic"] = "session"
    verify: bool = True
    authority: str | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 30
