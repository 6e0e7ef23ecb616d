"""Secrets: references in the model, values only right before use, asterisks wherever printed."""

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import NoReturn

from colossus.errors import InventoryRefused

SECONDS = 60
WORLD = stat.S_IRWXO


class SecretRefused(InventoryRefused):
    """A secret reference cannot be resolved, or its file is open to everybody."""


class Secret:
    """A secret's value. It prints as asterisks and cannot be serialised by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Give the value itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "********"

    __str__ = __repr__

    def __format__(self, _form: str) -> str:
        return "********"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret does not leave this program")


def resolve(reference: str, folder: Path) -> Secret:
    """Give the value that a reference means; paths count from the inventory's folder.

    Raises:
        SecretRefused: unknown scheme, nothing there, a world-readable file, a program missing.
    """
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        return _environment(rest)
    if scheme == "file":
        return _file(rest, folder)
    argv = _argv(scheme, rest, folder)
    if argv is None:
        raise SecretRefused(
            f"{reference!r} is no secret reference",
            "Write env:NAME, file:PATH, age:PATH, sops:PATH#KEY, vault:PATH#FIELD or"
            " keyring:SERVICE/USER.",
        )
    return _asked(reference, argv)


def path_of(rest: str, folder: Path) -> Path:
    """Give the file that a `file:` reference means."""
    return folder / Path(rest).expanduser()


def _environment(name: str) -> Secret:
    if name not in os.environ:
        raise SecretRefused(
            f"the environment has no {name}", "Export it, or use a file: reference."
        )
    return Secret(os.environ[name].encode())


def _file(rest: str, folder: Path) -> Secret:
    path = path_of(rest, folder)
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & WORLD:
                raise SecretRefused(
                    f"{path} holds a secret and is open to everybody",
                    f"chmod o= {path}",
                )
            return Secret(file.read())
    except OSError as fault:
        raise SecretRefused(f"{path}: {fault.strerror}", "A secret is expected there.") from None


def _argv(scheme: str, rest: str, folder: Path) -> list[str] | None:
    """Give the program that knows, with no secret among its arguments."""
    place, _, key = rest.partition("#")
    path = str(path_of(place, folder))
    if scheme == "age":
        identity = os.environ.get("COLOSSUS_AGE_IDENTITY", "~/.config/age/identity.txt")
        return ["age", "--decrypt", "--identity", str(Path(identity).expanduser()), path]
    if scheme == "sops":
        return ["sops", "decrypt", *(["--extract", f'["{key}"]'] if key else []), path]
    if scheme == "vault":
        return ["vault", "kv", "get", f"-field={key or 'value'}", place]
    if scheme == "keyring":
        return ["keyring", "get", *place.split("/", 1)]
    return None


def _asked(reference: str, argv: list[str]) -> Secret:
    if shutil.which(argv[0]) is None:
        raise SecretRefused(
            f"{reference} needs the program `{argv[0]}`, which is not installed here",
            "Install it, or use an env: or file: reference.",
        )
    try:
        asked = subprocess.run(
            argv, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise SecretRefused(
            f"{reference}: `{argv[0]}` does not answer", "Try it by hand."
        ) from None
    if asked.returncode != 0:
        # What it printed may hold the secret, so only its status is told.
        raise SecretRefused(
            f"{reference}: `{argv[0]}` ended with {asked.returncode}", f"Try: {' '.join(argv)}"
        )
    return Secret(
        asked.stdout.removesuffix(b"\n") if argv[0] in ("vault", "keyring") else asked.stdout
    )
