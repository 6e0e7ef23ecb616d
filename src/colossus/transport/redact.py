"""The last guard: secret values that slipped into text are struck out before anybody sees it."""

import base64
from collections.abc import Callable, Iterable

from colossus.transport.secrets import Secret

SHORTEST = 6  # shorter values would strike out ordinary words
STRUCK = "********"


def redactor(secrets: Iterable[Secret]) -> Callable[[str], str]:
    """Give a function that strikes out these values, as they are and in base 64."""
    words: set[str] = set()
    for secret in secrets:
        value = secret.reveal()
        plain = value.decode("utf-8", "replace")
        words.update((plain, plain.strip(), *(line.strip() for line in plain.splitlines())))
        words.add(base64.b64encode(value).decode())
    ordered = sorted((word for word in words if len(word) >= SHORTEST), key=len, reverse=True)

    def strike(text: str) -> str:
        for word in ordered:
            text = text.replace(word, STRUCK)
        return text

    return strike
