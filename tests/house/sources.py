"""The checkout as the house tests see it: files git knows or would add, and parsed modules."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "src/colossus"
PURE = ("inventory", "fabric", "checks", "plan", "wiring")


@dataclass(frozen=True)
class Module:
    """One Python file: its path below the checkout, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """The place of a node, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def within(self, *folders: str) -> bool:
        """Whether the module lies in one of these folders of the package."""
        return any(self.path.startswith(f"{PACKAGE}/{folder}") for folder in folders)


@cache
def files() -> tuple[str, ...]:
    """Every file that is tracked or would be, sorted, below the checkout."""
    # safe.directory: CI may run as root on a checkout that belongs to someone else.
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()}))


@cache
def modules(folder: str = "") -> tuple[Module, ...]:
    """Every Python module below a folder of the checkout, parsed."""
    found = []
    for name in files():
        if name.endswith(".py") and name.startswith(folder):
            text = (ROOT / name).read_text(encoding="utf-8")
            found.append(Module(name, text, ast.parse(text, name)))
    return tuple(found)


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a module with what is called, as written: `print`, `typer.echo`, `x.open`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def folders(parent: str) -> tuple[str, ...]:
    """The folders directly below a folder of the checkout that hold at least one file."""
    depth = len(parent.split("/"))
    below = (name.split("/") for name in files() if name.startswith(f"{parent}/"))
    return tuple(
        sorted({"/".join(parts[: depth + 1]) for parts in below if len(parts) > depth + 1})
    )
