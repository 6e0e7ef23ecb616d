"""Redfish against a BMC of our own: TLS, sessions, every refusal in words."""

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from colossus.errors import TransportFailed
from colossus.transport import redfish
from colossus.transport.redfish import BmcEndpoint, BootFrom, Power, Redfish
from colossus.transport.secrets import Secret

SYSTEM = "/redfish/v1/Systems/1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"


@dataclass
class Bmc:
    """What the BMC is, and what it was asked."""

    system: dict[str, Any]
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    busy: int = 0
    sessions: int = 0
    url: str = ""
    authority: Path | None = None

    def document(self, path: str) -> dict[str, Any] | None:
        nics = f"{SYSTEM}/EthernetInterfaces"
        return {
            "/redfish/v1/Systems": {"Members": [{"@odata.id": SYSTEM}]},
            SYSTEM: self.system,
            nics: {"Members": [{"@odata.id": f"{nics}/NIC.1"}]},
            f"{nics}/NIC.1": {"Id": "NIC.1", "MACAddress": "52:54:00:AA:BB:01"},
        }.get(path)


class Answer(BaseHTTPRequestHandler):
    """One request to the BMC."""

    protocol_version = "HTTP/1.1"
    bmc: ClassVar[Bmc]

    def do_GET(self) -> None:
        self.answer(None)

    def do_POST(self) -> None:
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def do_PATCH(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.answer(None)

    def answer(self, body: object) -> None:
        bmc = self.bmc
        bmc.asked.append((self.command, self.path, body))
        if bmc.busy:
            bmc.busy -= 1
            self.give(503, {})
        elif self.path == redfish.SESSIONS:
            self.log_in(body)
        elif self.headers["X-Auth-Token"] != "token":
            self.give(401, {"error": {"message": "who are you"}})
        elif self.command == "DELETE":
            bmc.sessions -= 1
            self.give(204, {})
        elif self.command == "GET":
            found = bmc.document(self.path)
            self.give(200 if found else 404, found or {})
        elif self.command == "PATCH" and self.headers["If-Match"] != bmc.system["@odata.etag"]:
            self.give(412, {})
        elif body == {"ResetType": "GracefulShutdown"}:
            told = [{"Message": "The system does not listen."}, {"MessageId": "no message"}]
            self.give(409, {"error": {"message": "x", "@Message.ExtendedInfo": told}})
        else:
            self.give(204, {})

    def log_in(self, body: object) -> None:
        if body != {"UserName": "admin", "Password": "s3cret"}:
            self.give(401, {"error": {"message": "Wrong password"}})
            return
        self.bmc.sessions += 1
        place = {"Location": f"{redfish.SESSIONS}/7", "X-Auth-Token": "token"}
        self.give(201, {}, place)

    def give(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode() if status != 204 else b""
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bmc")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "bmc.pem", folder / "bmc.key"
    pem.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    return pem, private


@pytest.fixture
def bmc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bmc]:
    monkeypatch.setattr(redfish, "PAUSE_SECONDS", 0.01)
    kinds = ["On", "ForceOff", "GracefulShutdown", "ForceRestart"]
    action = {"target": RESET, "ResetType@Redfish.AllowableValues": kinds}
    targets = {"BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Hdd"]}
    made = Bmc(
        {
            "@odata.etag": 'W/"3"',
            "Id": "1",
            "PowerState": "Off",
            "Manufacturer": "Dell Inc.",
            "Model": "PowerEdge XE9680",
            "SerialNumber": "S1",
            "BiosVersion": "2.1",
            "Status": {"HealthRollup": "OK"},
            "MemorySummary": {"TotalSystemMemoryGiB": 2048},
            "ProcessorSummary": {"Count": 2},
            "Boot": {"BootSourceOverrideEnabled": "Disabled", **targets},
            "Actions": {"#ComputerSystem.Reset": action},
            "EthernetInterfaces": {"@odata.id": f"{SYSTEM}/EthernetInterfaces"},
        }
    )
    pem, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    server = HTTPServer(("127.0.0.1", 0), type("Mine", (Answer,), {"bmc": made}))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made.url, made.authority = f"https://127.0.0.1:{server.server_port}", pem
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def endpoint(bmc: Bmc) -> BmcEndpoint:
    return BmcEndpoint("gpu-0001", bmc.url, "admin", authority=bmc.authority, timeout_seconds=5)


def password() -> Secret:
    return Secret(b"s3cret\n")


def acts(bmc: Bmc) -> list[tuple[str, Any]]:
    return [(path, body) for method, path, body in bmc.asked if method in ("POST", "PATCH")][1:]


def test_a_machine_says_what_it_is(bmc: Bmc) -> None:
    with Redfish(endpoint(bmc), password) as line:
        found = line.machine()
        assert bmc.sessions == 1
    assert bmc.sessions == 0
    assert (found.power, found.model, found.serial, found.health) == (
        *("off", "PowerEdge XE9680"),
        *("S1", "OK"),
    )
    assert (found.memory_gib, found.processors, found.boot_from) == (2048, 2, "usual")
    assert found.macs == {"NIC.1": "52:54:00:aa:bb:01"}


def test_power_is_only_switched_where_it_must(bmc: Bmc) -> None:
    with Redfish(endpoint(bmc), password) as line:
        line.set_power(Power.OFF)
        assert acts(bmc) == []
        line.set_power(Power.CYCLE)
        bmc.system["PowerState"] = "On"
        line.set_power(Power.CYCLE)
    assert acts(bmc) == [(RESET, {"ResetType": "On"}), (RESET, {"ResetType": "ForceRestart"})]


def test_the_next_boot_and_only_it(bmc: Bmc) -> None:
    with Redfish(endpoint(bmc), password) as line:
        line.boot_once(BootFrom.NETWORK)
        line.boot_once(BootFrom.USUAL)
        with pytest.raises(TransportFailed, match="cannot boot it from BiosSetup") as refused:
            line.boot_once(BootFrom.SETUP)
    assert refused.value.hint == "It can: None, Pxe, Hdd."
    once = {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}
    usual = {"BootSourceOverrideTarget": "None", "BootSourceOverrideEnabled": "Disabled"}
    assert acts(bmc) == [(SYSTEM, {"Boot": once}), (SYSTEM, {"Boot": usual})]


def test_a_refusal_is_told_in_the_bmcs_words(bmc: Bmc) -> None:
    bmc.system["PowerState"] = "On"
    with Redfish(endpoint(bmc), password) as line:
        with pytest.raises(TransportFailed, match="409 The system does not listen"):
            line.set_power(Power.SHUTDOWN)
        del bmc.system["Actions"]
        with pytest.raises(TransportFailed, match="cannot reset it by ForceOff"):
            line.set_power(Power.OFF)


def test_a_wrong_password_says_what_to_check(bmc: Bmc) -> None:
    with (
        pytest.raises(TransportFailed, match="401 Wrong password") as refused,
        Redfish(endpoint(bmc), lambda: Secret(b"other")),
    ):
        pass
    assert refused.value.hint == "Check bmc.password, and that admin may do this."
    assert "other" not in refused.value.summary


def test_an_unknown_certificate_is_refused(bmc: Bmc) -> None:
    stranger = replace(endpoint(bmc), authority=None)
    with (
        pytest.raises(TransportFailed, match="certificate that nobody here vouches for"),
        Redfish(stranger, password),
    ):
        pass
    assert bmc.asked == []
    with Redfish(replace(stranger, verify=False), password) as line:
        assert line.power() == "off"


def test_a_busy_bmc_is_asked_again(bmc: Bmc) -> None:
    with Redfish(endpoint(bmc), password) as line:
        bmc.busy = 2
        assert line.power() == "off"
        bmc.busy = 3
        with pytest.raises(TransportFailed, match="503 Service Unavailable"):
            line.power()


def test_nobody_there(bmc: Bmc) -> None:
    away = replace(endpoint(bmc), url="https://127.0.0.1:9", name="gpu-0002")
    with pytest.raises(TransportFailed, match=r"BMC of gpu-0002 .* cannot be asked"):
        Redfish(away, password).__enter__()


def test_power_that_does_not_come_is_a_fault(bmc: Bmc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redfish, "LOOK_SECONDS", 0.01)
    with Redfish(endpoint(bmc), password) as line:
        line.await_power("off", 1)
        with pytest.raises(TransportFailed, match=r"gpu-0001 is not on after 0\.05 s"):
            line.await_power("on", 0.05)
