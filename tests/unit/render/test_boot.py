"""What the boot server gets: whom DHCP knows, names, and what each host would load."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from colossus.fabric.design import design
from colossus.inventory.assets import Asset
from colossus.inventory.site import Site
from colossus.load.playbooks import load_playbooks
from colossus.load.site import load_site
from colossus.plan.resource import Desired
from colossus.render.desired import render

FOLDER = "/etc/colossus/boot"


def rendered(checkout: Path, **boot: object) -> Desired:
    """The Stanford example with a boot server."""
    loaded = load_site(checkout / "examples" / "stanford-nlp")
    text = loaded.accepted().model_dump(mode="json", exclude_unset=True, by_alias=True)
    text["dns_servers"] = ["10.20.0.120", "10.9.9.9"]
    text["roles"]["boot-server"] = {
        "kind": "service",
        "model": "supermicro/sys-111c-nr",
        "name": "boot-{n:02d}",
        "playbook": "boot-server",
    }
    text["racks"][0]["devices"].append({"role": "boot-server", "u": [36], "only": "a01"})
    oob = text["fabrics"]["oob"]
    oob["ends"].append({"role": "boot-server", "ports": ["mgmt"]})
    oob["addresses"]["ranges"].append(
        {"role": "boot-server", "port": "mgmt", "first": "10.20.0.120"}
    )
    image = {"image": "debian-12", "kernel_arguments": ["console=ttyS0"]}
    text["boot"] = {
        "server_role": "boot-server",
        "images": {"debian-12": {"files": {"/root.squashfs": "root.squashfs"}}},
        "roles": {"compute": image},
        **boot,
    }
    site = Site.model_validate(text)
    assets = (Asset(rack="a01", u=7, macs={"enp226s0": "5254.0000.0102"}),)
    fabric = design(site, loaded.catalog, assets=assets).fabric
    return render(fabric, load_playbooks(site, loaded.folder))


def file(desired: Desired, path: str) -> str:
    resources = desired.targets["boot-01"].resources
    digest = next(r.body["content"] for r in resources if r.id == f"file:{path}")
    return desired.blobs[str(digest)]


def test_dhcp_knows_hosts_by_mac(checkout: Path) -> None:
    desired = rendered(checkout)
    assert file(desired, f"{FOLDER}/dhcp-hosts").splitlines()[1:] == [
        "52:54:00:00:01:02,10.20.1.2,gpu-0002"
    ]
    lines = file(desired, f"{FOLDER}/dnsmasq.conf").splitlines()
    assert "dhcp-ignore=tag:!known" in lines
    assert "dhcp-boot=tag:ipxe,http://10.20.0.120:8080/boot" in lines
    assert [line for line in lines if line.startswith("server=")] == ["server=10.9.9.9"]


def test_dhcp_knows_hosts_by_switch_port(checkout: Path) -> None:
    lines = file(rendered(checkout, known_by="port"), f"{FOLDER}/dnsmasq.conf").splitlines()
    place = lines.index("dhcp-remoteid=set:gpu-0001-switch,oob-01")
    assert lines[place + 1].startswith("dhcp-circuitid=set:gpu-0001-port,swp")
    assert lines[place + 2] == (
        "dhcp-range=tag:gpu-0001-switch,tag:gpu-0001-port,10.20.1.1,10.20.1.1,255.255.252.0,1h"
    )
    assert not any("dhcp-hostsfile" in line for line in lines)


@pytest.mark.parametrize("known_by", ["mac", "port"])
def test_dnsmasq_reads_its_configuration(checkout: Path, tmp_path: Path, known_by: str) -> None:
    program = shutil.which("dnsmasq", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        pytest.skip("dnsmasq is not installed here; the twin's image has it and validates the file")
    conf = tmp_path / "dnsmasq.conf"
    conf.write_text(file(rendered(checkout, known_by=known_by), f"{FOLDER}/dnsmasq.conf"))
    done = subprocess.run(
        [program, "--test", f"--conf-file={conf}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "dnsmasq: syntax check OK.")


def test_hosts_and_bmcs_have_names(checkout: Path) -> None:
    names = file(rendered(checkout), f"{FOLDER}/names").splitlines()
    assert "10.20.1.1 gpu-0001.nlp.example gpu-0001" in names
    assert "10.20.2.1 gpu-0001-bmc.nlp.example gpu-0001-bmc" in names
    assert "10.20.0.10 oob-01.nlp.example oob-01" in names


def test_hosts_json_says_what_would_be_loaded_and_arms_nobody(checkout: Path) -> None:
    desired = rendered(checkout)
    found = json.loads(file(desired, f"{FOLDER}/hosts.json"))
    assert found["server"] == "10.20.0.120"
    assert found["hosts"]["gpu-0008"] == {
        "address": "10.20.1.8",
        "image": "debian-12",
        "kernel": "vmlinuz",
        "initrd": "initrd",
        "files": {"/root.squashfs": "root.squashfs"},
        "disk": "/dev/sda",
        "arguments": ["console=ttyS0"],
    }
    assert len(found["hosts"]) == 8
    paths = [r.body.get("path", "") for r in desired.targets["boot-01"].resources]
    assert not any("/var/lib/colossus-boot/" in str(path) for path in paths)


def test_a_boot_server_changes_no_host(checkout: Path) -> None:
    """Names come by DNS: no file of a host lists other hosts."""
    loaded = load_site(checkout / "examples" / "stanford-nlp")
    site = loaded.accepted()
    plain = render(design(site, loaded.catalog).fabric, load_playbooks(site, loaded.folder))
    booted = rendered(checkout)
    differing = {
        mine.id
        for mine, other in zip(
            plain.targets["gpu-0001"].resources,
            [r for r in booted.targets["gpu-0001"].resources if "resolv" not in r.id],
            strict=True,
        )
        if mine.digest != other.digest
    }
    # The management port of the boot server moves no cable and no address.
    assert differing == set()
