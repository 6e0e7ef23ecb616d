"""GitHub and GitLab as far as a pipeline posts a comment there: REST over HTTP, on this machine.

Written after their public API pages: pages of comments, whose token may write, how long a body may
be. What a host would refuse is refused here too.
"""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0ken"  # noqa: S105 — opens nothing
OURS = "the pipeline"
CHANGE = 7
Answer = tuple[int, object]


@dataclass
class Host:
    """A host of code with one change and its comments; `with` starts and ends its server.

    seen: the requests that were answered, as "METHOD path".
    """

    kind: str
    comments: list[dict[str, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _requests_of(self))
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def say(self, author: str, body: str) -> None:
        """Add a comment."""
        number = 1000 + len(self.comments)
        self.comments.append({"id": number, "body": body, **_author(self.kind, author)})

    def of(self, author: str) -> list[str]:
        """Give what an author has written."""
        who = _author(self.kind, author)
        return [each["body"] for each in self.comments if who.items() <= each.items()]

    def answer(self, method: str, target: str, token: str, body: str) -> Answer:
        """Answer one request as the host would."""
        if token != TOKEN:
            return 401, {"message": "Unauthorized"}
        url = urlsplit(target)
        self.seen.append(f"{method} {url.path}")
        if method == "GET":
            return self._read(url.path, parse_qs(url.query))
        text = json.loads(body)["body"] if self.kind == "github" else parse_qs(body)["body"][0]
        if len(text) > 65_536:
            return 422, {"message": "body is too long"}
        return self._write(method, url.path, text)

    def _read(self, path: str, query: dict[str, list[str]]) -> Answer:
        if self.kind == "gitlab" and path == "/user":
            return 200, {"id": 5, "username": OURS}
        if path != self._all():
            return 404, {}
        size, page = int(query["per_page"][0]), int(query["page"][0])
        return 200, self.comments[(page - 1) * size : page * size]

    def _write(self, method: str, path: str, text: str) -> Answer:
        if (method, path) == ("POST", self._all()):
            self.say(OURS, text)
            return 201, self.comments[-1]
        verb, folder = ("PATCH", "/repos/o/r/issues/comments")
        if self.kind == "gitlab":
            verb, folder = ("PUT", self._all())
        for each in self.comments:
            if (method, path) == (verb, f"{folder}/{each['id']}"):
                each["body"] = text
                return 200, each
        return 404, {}

    def _all(self) -> str:
        if self.kind == "github":
            return f"/repos/o/r/issues/{CHANGE}/comments"
        return f"/projects/3/merge_requests/{CHANGE}/notes"


def _author(kind: str, name: str) -> dict[str, Any]:
    if kind == "github":
        return {"user": {"login": "github-actions[bot]" if name == OURS else name}}
    return {"author": {"id": 5 if name == OURS else 6, "username": name}}


def _requests_of(host: Host) -> type[BaseHTTPRequestHandler]:
    class Requests(BaseHTTPRequestHandler):
        """Reads a request, writes the host's answer."""

        def _respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            token = bearer if host.kind == "github" else self.headers.get("PRIVATE-TOKEN", "")
            status, document = host.answer(self.command, self.path, token, body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = _respond  # noqa: N815 — http.server looks for these

        def log_message(self, format: str, *words: object) -> None:  # noqa: A002 — as inherited
            """Print nothing."""

    return Requests
