"""The program that hosts run: one request in, one line per resource out, nothing installed.

It travels with every request, compressed once, and starts in the oldest Python that hosts have
(3.6). Its modules are ordinary modules here, so that tests and type checks see them; on the host
a small loader gives them the same names.
"""

import ast
import zlib
from collections.abc import Sequence
from functools import cache
from importlib import resources

PYTHON = "/usr/bin/python3"  # never one from PATH, which may be a slow shim
PARTS = ("state", "files", "system", "units", "program")
BOOTSTRAP = (
    "import sys,zlib;f=sys.stdin.buffer;"
    "t=zlib.decompress(f.read(int(f.readline()))).split(b'\\0');exec(t[0])"
)
# The parts follow it as they are: one literal of them all would cost as much as compiling them.
LOADER = """
import sys, types
name = ""
for part in {package!r}.split("."):
    above, name = sys.modules.get(name), (name + "." + part).lstrip(".")
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = []
for part, text in zip({parts!r}, t[1:]):
    module = types.ModuleType(name + "." + part)
    sys.modules[module.__name__] = module
    setattr(sys.modules[name], part, module)
    exec(compile(text, part + ".py", "exec"), module.__dict__)
sys.modules[name].program.main()
"""


def bare(text: str) -> str:
    """Leave out what only people read: docstrings and lines of comment."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
            lines[first : last + 1] = [" " * node.col_offset + "0"] + [""] * (last - first)
    return "\n".join(line for line in lines if line.strip() and line.lstrip()[0] != "#") + "\n"


@cache
def packed() -> bytes:
    """The compressed program, preceded by its length: what stdin begins with."""
    folder = resources.files(__name__)
    loader = LOADER.format(package=__name__, parts=PARTS)
    texts = [loader, *(bare((folder / f"{part}.py").read_text("utf-8")) for part in PARTS)]
    squeezed = zlib.compress("\0".join(texts).encode(), 9)
    return f"{len(squeezed)}\n".encode() + squeezed


def command(become: str = "none") -> Sequence[str]:
    """The argv that starts the program; become `sudo` never asks for a password."""
    argv = (PYTHON, "-I", "-S", "-E", "-c", BOOTSTRAP)
    return ("sudo", "-n", "--", *argv) if become == "sudo" else argv
