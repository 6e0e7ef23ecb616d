"""A small site to break, in a folder of its own."""

from pathlib import Path
from shutil import copytree

SMALL = Path(__file__).resolve().parents[1] / "unit" / "load" / "site"

# What is changed in cluster.yaml: old text, new text. Each breaks exactly one thing.
MISSPELLED_ROLE = ("role: gpu\n        u", "role: gpuu\n        u")
DUPLICATE_KEY = ("    model: acme/box\n", "    model: acme/box\n    model: acme/box\n")
UNKNOWN_KEY = ("domain:", "colour: blue\ndomain:")
SYNTAX = ("domain: small.example", "domain: small: example")
SAME_U_TWICE = ("u: [1, 7]", "u: [1, 2]")


def small_site(folder: Path, *changes: tuple[str, str]) -> Path:
    """Copy the small site into a folder and change it."""
    copytree(SMALL, folder, dirs_exist_ok=True)
    file = folder / "cluster.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return folder
