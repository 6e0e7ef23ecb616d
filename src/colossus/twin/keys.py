"""The twin's own SSH key pair: made anew for each twin, never the operator's."""

from pathlib import Path

from colossus.transport.keys import new_private_key, public_line


def new_key(path: Path) -> str:
    """Write a new ed25519 private key, readable by its owner only, and return the public line."""
    path.touch(mode=0o600)
    path.write_bytes(new_private_key())
    return public_key(path)


def public_key(path: Path) -> str:
    """Return the public line of a private key that `new_key` wrote."""
    return public_line(path.read_bytes())
