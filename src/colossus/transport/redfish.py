"""BMCs by Redfish: power, one boot from somewhere else, and what a machine says of itself.

One connection per BMC and one request at a time: BMCs fall over under more. A password is resolved
right before it is sent. Source: DMTF DSP0266 1.20 (protocol), DSP2046 (ComputerSystem, Reset,
Boot); every value is read before it is written, and If-Match is sent where the BMC has an ETag.
"""

import base64
import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from colossus.errors import TransportFailed
from colossus.transport.answer import text
from colossus.transport.secrets import Secret


class Power(StrEnum):
    """What can be done to a machine's power: `shutdown` asks its system, `off` does not."""

    ON = "on"
    OFF = "off"
    SHUTDOWN = "shutdown"
    CYCLE = "cycle"


class BootFrom(StrEnum):
    """Where the next boot comes from."""

    NETWORK = "network"
    DISK = "disk"
    SETUP = "setup"
    USUAL = "usual"


# The first one that a machine offers is taken.
RESETS: Mapping[Power, tuple[str, ...]] = {
    Power.ON: ("On", "ForceOn"),
    Power.OFF: ("ForceOff", "Off"),
    Power.SHUTDOWN: ("GracefulShutdown",),
    Power.CYCLE: ("ForceRestart", "PowerCycle"),
}
# What a machine that is already so need not be told.
SETTLED: Mapping[Power, str] = {Power.ON: "on", Power.OFF: "off", Power.SHUTDOWN: "off"}
TARGETS: Mapping[BootFrom, str] = {
    BootFrom.NETWORK: "Pxe",
    BootFrom.DISK: "Hdd",
    BootFrom.SETUP: "BiosSetup",
    BootFrom.USUAL: "None",
}
SYSTEMS = "/redfish/v1/Systems"
SESSIONS = "/redfish/v1/SessionService/Sessions"
LONGEST_ANSWER = 4 << 20
# A BMC that is busy says 503; so often and after so many seconds it is asked again.
TRIES = 3
PAUSE_SECONDS = 2.0
LOOK_SECONDS = 1.0
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BmcEndpoint:
    """How one machine's BMC is reached.

    url: scheme, address and port. system: Id, name or UUID of the machine behind it; empty where
    there is only one. login: `session` asks for a token, `basic` sends the password each time.
    """

    name: str
    url: str
    user: str
    system: str = ""
    login: Literal["session", "basic"] = "session"
    verify: bool = True
    authority: Path | None = None
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine says of itself; macs: what the BMC calls a port → its MAC address."""

    name: str
    power: str
    manufacturer: str
    model: str
    serial: str
    bios: str
    health: str
    memory_gib: float
    processors: int
    boot_from: str
    macs: Mapping[str, str] = field(default_factory=dict)


class Redfish:
    """A connection to one BMC, to be used as a context manager."""

    def __init__(self, endpoint: BmcEndpoint, password: Callable[[], Secret]) -> None:
        self.endpoint = endpoint
        self._password = password
        self._line = _connection(endpoint)
        self._token = ""
        self._session = ""
        self._system = ""

    def __enter__(self) -> Self:
        """Log in; raises TransportFailed when nobody answers or the password is refused."""
        if self.endpoint.login == "session":
            try:
                self._log_in()
            except TransportFailed:
                self._line.close()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            # BMCs keep few sessions, and forget them late.
            if self._session:
                self._ask("DELETE", self._session)
        except TransportFailed:
            pass  # it ends by itself; what was done is done
        finally:
            self._line.close()

    def machine(self) -> Machine:
        """Ask what the machine is."""
        found = self._system_document()
        status = found.get("Status") or {}
        return Machine(
            name=self.endpoint.name,
            power=str(found.get("PowerState") or "unknown").lower(),
            manufacturer=str(found.get("Manufacturer") or ""),
            model=str(found.get("Model") or ""),
            serial=str(found.get("SerialNumber") or ""),
            bios=str(found.get("BiosVersion") or ""),
            health=str(status.get("HealthRollup") or status.get("Health") or ""),
            memory_gib=float((found.get("MemorySummary") or {}).get("TotalSystemMemoryGiB") or 0),
            processors=int((found.get("ProcessorSummary") or {}).get("Count") or 0),
            boot_from=_boot_word(found.get("Boot") or {}),
            macs=self._macs(found),
        )

    def power(self) -> str:
        """Ask whether it is on: "on", "off", or another word of Redfish's in lower case."""
        return str(self._system_document().get("PowerState") or "unknown").lower()

    def set_power(self, wanted: Power) -> None:
        """Switch it; what is on (or off) already stays so, `cycle` switches on what is off.

        Raises:
            TransportFailed: the BMC refuses, or does not offer that.
        """
        found = self._system_document()
        now = str(found.get("PowerState") or "").lower()
        if now == SETTLED.get(wanted):
            return
        asked = Power.ON if wanted is Power.CYCLE and now == "off" else wanted
        action = found.get("Actions", {}).get("#ComputerSystem.Reset", {})
        offered = action.get("ResetType@Redfish.AllowableValues", RESETS[asked])
        kind = next((each for each in RESETS[asked] if each in offered), None)
        if kind is None or "target" not in action:
            raise TransportFailed(
                f"{self.endpoint.name}: its BMC cannot reset it by {' or '.join(RESETS[asked])}",
                f"It can: {', '.join(offered) or 'nothing'}.",
            )
        self._ask("POST", action["target"], {"ResetType": kind})

    def await_power(self, wanted: Literal["on", "off"], seconds: float) -> None:
        """Wait until it is on or off; raises TransportFailed when it is not by then."""
        deadline = time.monotonic() + seconds
        while self.power() != wanted:
            if time.monotonic() > deadline:
                raise TransportFailed(f"{self.endpoint.name} is not {wanted} after {seconds:g} s")
            time.sleep(LOOK_SECONDS)

    def boot_once(self, source: BootFrom) -> None:
        """Let the next boot, and only it, come from there; `usual` takes that back."""
        found = self._system_document()
        allowed = (found.get("Boot") or {}).get("BootSourceOverrideTarget@Redfish.AllowableValues")
        target = TARGETS[source]
        if source is not BootFrom.USUAL and allowed and target not in allowed:
            raise TransportFailed(
                f"{self.endpoint.name}: its BMC cannot boot it from {target}",
                f"It can: {', '.join(allowed)}.",
            )
        enabled = "Disabled" if source is BootFrom.USUAL else "Once"
        boot = {"BootSourceOverrideTarget": target, "BootSourceOverrideEnabled": enabled}
        self._ask("PATCH", self._system, {"Boot": boot}, etag=str(found.get("@odata.etag", "")))

    def _log_in(self) -> None:
        words = {"UserName": self.endpoint.user, "Password": _revealed(self._password())}
        answer, headers = self._ask("POST", SESSIONS, words)
        self._token = headers.get("X-Auth-Token", "")
        place = headers.get("Location") or str(answer.get("@odata.id", ""))
        self._session = urlsplit(place).path
        if not self._token:
            raise TransportFailed(f"{self.endpoint.name}: its BMC gave no session token")

    def _system_document(self) -> Document:
        if not self._system:
            self._system = self._find_system()
        return self._ask("GET", self._system)[0]

    def _find_system(self) -> str:
        listed = self._ask("GET", SYSTEMS)[0].get("Members", [])
        places = [str(each["@odata.id"]) for each in listed]
        wanted = self.endpoint.system
        if not wanted and len(places) == 1:
            return places[0]
        for place in places if wanted else ():
            found = self._ask("GET", place)[0]
            if wanted in (found.get("Id"), found.get("Name"), found.get("UUID")):
                return place
        raise TransportFailed(
            f"{self.endpoint.name}: its BMC has {len(places)} systems"
            + (f", none of them {wanted}" if wanted else ""),
        )

    def _macs(self, found: Document) -> dict[str, str]:
        place = (found.get("EthernetInterfaces") or {}).get("@odata.id")
        listed = self._ask("GET", place)[0].get("Members", []) if place else []
        ports = [self._ask("GET", str(each["@odata.id"]))[0] for each in listed]
        return {
            str(port.get("Id", "")): str(
                port.get("MACAddress") or port.get("PermanentMACAddress") or ""
            ).lower()
            for port in ports
        }

    def _ask(
        self, method: str, path: str, body: Document | None = None, etag: str = ""
    ) -> tuple[Document, http.client.HTTPMessage]:
        """Send one request; a busy BMC is asked again."""
        headers = {"Accept": "application/json", "OData-Version": "4.0"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if etag:
            headers["If-Match"] = etag
        if self._token:
            headers["X-Auth-Token"] = self._token
        elif self.endpoint.login == "basic":
            pair = f"{self.endpoint.user}:{_revealed(self._password())}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        content = json.dumps(body).encode() if body is not None else None
        for left in reversed(range(TRIES)):
            status, said, answered = self._exchange(method, path, content, headers)
            if status != http.client.SERVICE_UNAVAILABLE or not left:
                break
            time.sleep(PAUSE_SECONDS)
        if status >= http.client.BAD_REQUEST:
            raise self._refused(method, path, status, said)
        return _document(said), answered

    def _exchange(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        try:
            self._line.request(method, path, content, dict(headers))
            answer = self._line.getresponse()
            said = answer.read(LONGEST_ANSWER)
        except ssl.SSLCertVerificationError as fault:
            raise TransportFailed(
                f"{self._place()} shows a certificate that nobody here vouches for:"
                f" {fault.verify_message}",
                "Name who signed it in bmc.authority, a PEM file.",
            ) from fault
        except (OSError, http.client.HTTPException) as fault:
            self._line.close()
            raise TransportFailed(
                f"{self._place()} cannot be asked: {text(fault) or type(fault).__name__}",
                "Is the BMC cabled as planned, and its address the planned one?",
            ) from fault
        if answer.will_close:
            self._line.close()
        return answer.status, said, answer.headers

    def _refused(self, method: str, path: str, status: int, said: bytes) -> TransportFailed:
        hint = ""
        if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
            hint = f"Check bmc.password, and that {self.endpoint.user} may do this."
        words = _reason(_document(said)) or http.client.responses.get(status, "")
        return TransportFailed(f"{self._place()}: {method} {path}: {status} {words}", hint)

    def _place(self) -> str:
        return f"the BMC of {self.endpoint.name} ({self.endpoint.url})"


def _connection(endpoint: BmcEndpoint) -> http.client.HTTPConnection:
    parts = urlsplit(endpoint.url)
    host, seconds = parts.hostname or "", endpoint.timeout_seconds
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=seconds)
    context = ssl.create_default_context(cafile=endpoint.authority)
    if not endpoint.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=context)


def _revealed(secret: Secret) -> str:
    return secret.reveal().decode("utf-8", "replace").rstrip("\n")


def _document(said: bytes) -> Document:
    """Read an answer; what is no JSON object says nothing."""
    try:
        found = json.loads(said or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _reason(document: Document) -> str:
    """Give what a Redfish error says in words."""
    error = document.get("error")
    if not isinstance(error, dict):
        return ""
    more = [
        str(each["Message"]) for each in error.get("@Message.ExtendedInfo", ()) if "Message" in each
    ]
    return text(" ".join(dict.fromkeys(more or [str(error.get("message", ""))])))


def _boot_word(boot: Document) -> str:
    """Give where the next boot comes from, as `boot_once` calls it."""
    if boot.get("BootSourceOverrideEnabled") in (None, "Disabled"):
        return BootFrom.USUAL
    target = str(boot.get("BootSourceOverrideTarget"))
    return next((word for word, each in TARGETS.items() if each == target), target)
