"""Host keys from a known_hosts file: which keys a target may show."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from colossus.errors import InventoryRefused

SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One line: patterns, key type, key in base 64; place is `file:line`."""

    patterns: str
    type: str
    key: str
    place: str

    def covers(self, name: str) -> bool:
        """Whether this line is about a name (`host`, or `[host]:port`)."""
        if self.patterns.startswith("|1|"):
            return _hashed(self.patterns, name)
        patterns = self.patterns.split(",")
        barred = (p[1:] for p in patterns if p.startswith("!"))
        return not any(fnmatchcase(name, p) for p in barred) and any(
            fnmatchcase(name, _literal(p)) for p in patterns
        )


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """All lines of a file. authorities: lines that this tool cannot use (host certificates)."""

    keys: tuple[KnownKey, ...]
    revoked: frozenset[tuple[str, str]] = frozenset()
    authorities: int = 0

    def keys_of(self, names: Iterable[str], port: int = SSH_PORT) -> tuple[str, ...]:
        """Give the keys (`type base64`) that a target known by any of these names may show."""
        asked = [name if port == SSH_PORT else f"[{name}]:{port}" for name in names]
        found = (k for k in self.keys if any(k.covers(name) for name in asked))
        keys = {(k.type, k.key): None for k in found if (k.type, k.key) not in self.revoked}
        return tuple(f"{kind} {key}" for kind, key in keys)


def read_known_hosts(path: Path) -> KnownHosts:
    """Read a known_hosts file; a missing one knows nobody.

    Raises:
        InventoryRefused: a line that is none of OpenSSH's forms.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return KnownHosts(())
    return parse_known_hosts(text, str(path))


def parse_known_hosts(text: str, name: str = "known_hosts") -> KnownHosts:
    """Give the lines of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT")."""
    keys: list[KnownKey] = []
    revoked: set[tuple[str, str]] = set()
    authorities = 0
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        marker = words.pop(0) if words[0].startswith("@") else ""
        if len(words) < len(("patterns", "type", "key")) or not _is_base64(words[2]):
            raise InventoryRefused(
                f"{name}:{number}: not a host key", "Expected: names, key type, key in base 64."
            )
        if marker == "@revoked":
            revoked.add((words[1], words[2]))
        elif marker == "@cert-authority":
            authorities += 1
        else:
            keys.append(KnownKey(words[0], words[1], words[2], f"{name}:{number}"))
    return KnownHosts(tuple(keys), frozenset(revoked), authorities)


def with_key(text: str, names: Sequence[str], key: str) -> str:
    """Give a known_hosts text in which a target has this key (`type base64`) and no other.

    Lines that name only this target go; hashed lines and patterns stay as they are.
    """
    mine = set(names)
    kept = [
        line
        for line in text.splitlines()
        if not (line.strip() and set(line.split()[0].split(",")) <= mine)
    ]
    return "\n".join([*kept, f"{','.join(dict.fromkeys(names))} {key}", ""])


def fingerprint(key: bytes) -> str:
    """Give a key's fingerprint as ssh-keygen prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _literal(pattern: str) -> str:
    """Keep the brackets of `[host]:port` from being read as a set of characters."""
    return pattern.replace("[", "[[]", 1) if pattern.startswith("[") else pattern


def _hashed(pattern: str, name: str) -> bool:
    _, _, salt, digest = pattern.split("|", 3)
    try:
        key, wanted = base64.b64decode(salt), base64.b64decode(digest)
    except binascii.Error:
        return False
    # SHA-1 is what OpenSSH's HashKnownHosts uses; it hides names and protects nothing.
    return hmac.compare_digest(hmac.new(key, name.encode(), "sha1").digest(), wanted)


def _is_base64(word: str) -> bool:
    try:
        return bool(base64.b64decode(word, validate=True))
    except binascii.Error:
        return False
