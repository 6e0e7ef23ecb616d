"""show, why, lock, init, schema, catalog, doctor on the small site and the examples."""

import json
from pathlib import Path

import pytest
import yaml

from colossus.cli.main import run
from colossus.load.site import load_site
from tests.cli.sites import MISSPELLED_ROLE, SAME_U_TWICE, small_site

Output = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[2]
STANFORD = str(ROOT / "examples" / "stanford-nlp")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")


def shown(capsys: Output, *arguments: str) -> str:
    capsys.readouterr()
    assert run(arguments) == 0
    return capsys.readouterr().out


def document(capsys: Output, *arguments: str) -> dict[str, object]:
    found = json.loads(shown(capsys, *arguments, "--format", "json"))
    assert found["schema_version"] == 1
    assert isinstance(found, dict)
    return found


# ------------------------------------------------------------------------------------- show


def test_show_racks_as_text(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    assert shown(capsys, "show", "s", "racks") == (
        "level  count  racks each  hosts each  places\n"
        "hall       1           2           4  hall-1\n"
        "\n"
        "rack  place   row  position  kind     status  devices  nominal W  max W   kg\n"
        "a01   hall-1  a           1  compute  active        3        900  1,750  170\n"
        "a02   hall-1  a           2  compute  active        2        800  1,600  160\n"
        "\n"
        "rack  U      device    role  model        status\n"
        "a01   U40    tor-1     tor   acme/switch  active\n"
        "a01   U7-U8  gpu-0002  gpu   acme/box     active\n"
        "a01   U1-U2  gpu-0001  gpu   acme/box     active\n"
        "a02   U7-U8  gpu-0004  gpu   acme/box     active\n"
        "a02   U1-U2  gpu-0003  gpu   acme/box     active\n"
    )


def test_show_folds_levels_and_says_where_a_board_sits(capsys: Output) -> None:
    frontier = str(Path(STANFORD).parent / "frontier")
    racks = document(capsys, "show", frontier, "racks")
    assert racks["levels"] == [
        {"level": "hall", "places": "main", "count": 1, "racks": 75, "hosts": 9472}
    ]
    assert isinstance(racks["racks"], list)
    board = next(each for each in racks["racks"][1]["devices"] if each["role"] == "compute")
    assert board["location"] == {
        "site": "frontier",
        "hall": "main",
        "cabinet": "c02",
        "chassis": "chassis-016",
        "slot": "1",
        "board": "1",
    }
    assert board["path"] == "frontier/main/c02/chassis-016/1/1"
    host = shown(capsys, "show", frontier, "host", "frontier00020")
    assert (
        "site frontier, hall main, cabinet c01, chassis-002, slot 2, board 2 (row row-01)" in host
    )


def test_show_fabric_says_how_switches_are_spread(capsys: Output) -> None:
    shown_rows = document(capsys, "show", str(Path(STANFORD).parent / "dojo-8-exapod"), "fabric")[
        "fabrics"
    ]
    assert isinstance(shown_rows, list)
    spread = {row["role"]: row["spread"] for row in shown_rows if row["fabric"] == "compute"}
    assert spread == {"leaf": "20 per exapod", "spine": "2 per exapod"}


def test_show_addresses(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    rows = document(capsys, "show", "s", "addresses")["addresses"]
    assert isinstance(rows, list)
    assert [(row["address"], row["device"]) for row in rows] == [
        (f"10.0.0.{10 + n}", f"gpu-000{n}") for n in range(1, 5)
    ]
    assert shown(capsys, "show", "s", "addresses").splitlines()[1].split() == [
        "oob",
        "10.0.0.11/24",
        "gpu-0001",
        "mgmt0",
    ]


def test_show_host_and_port_agree(capsys: Output) -> None:
    host = document(capsys, "show", STANFORD, "host", "gpu-0003")["host"]
    assert isinstance(host, dict)
    assert (host["rack"], host["u"], len(host["ports"])) == ("a01", 13, 16)
    for each in host["ports"]:
        name = each["interface"]
        port = document(capsys, "show", STANFORD, "port", f"gpu-0003:{name}")["port"]
        assert isinstance(port, dict)
        assert port["cable_id"] == each["cable_id"]
        far = f"{each['neighbour']}:{each['neighbour_port']}"
        back = document(capsys, "show", STANFORD, "port", far)["port"]
        assert isinstance(back, dict)
        assert (back["neighbour"], back["neighbour_interface"]) == ("gpu-0003", name)


def test_show_summary_has_the_keys_of_the_contract(capsys: Output) -> None:
    assert set(document(capsys, "show", STANFORD, "summary")) == {
        *("schema_version", "cluster", "accelerators", "hosts", "racks", "devices", "fabrics"),
        *("cables", "power", "cooling", "weight_kg"),
    }
    assert "64 host-switch" in shown(capsys, "show", STANFORD)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["host", "gpu-00002"], "error: no device 'gpu-00002'\n  did you mean 'gpu-0002'?\n"),
        (["host"], "error: a name belongs to host and port only; write `show INV host NAME`\n"),
        (["racks", "a01"], "error: a name belongs to host and port only; write `show INV racks` "),
        (["port", "gpu-0001:eth9"], "error: no port in use 'gpu-0001:eth9'\n"),
        (["port", "gpu-0009:eth9"], "error: no device 'gpu-0009'\n"),
    ],
)
def test_show_of_what_is_not_there_is_64(
    arguments: list[str], message: str, tmp_path: Path, capsys: Output
) -> None:
    small_site(tmp_path / "s")
    assert run(["show", "s", *arguments]) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)


def test_a_refused_site_tells_every_finding_on_stderr(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s", MISSPELLED_ROLE)
    assert run(["show", "s"]) == 10
    assert capsys.readouterr() == (
        "",
        "error[reference-unknown] s/cluster.yaml:23: unknown role 'gpuu'\n"
        "    at racks[0].devices[0].role\n"
        "    hint: did you mean 'gpu'?\n"
        "1 error\n"
        "error: s cannot be loaded\n",
    )


# -------------------------------------------------------------------------------------- why


def test_why_names_rule_file_and_line(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    told = shown(capsys, "why", "s", "gpu-0002")
    assert "gpu-0002 is in rack a01 at U7\n" in told
    assert "s/cluster.yaml:24  racks[0].devices[0].u\n" in told
    assert "s/cluster.yaml:42  fabrics.oob.addresses.ranges[0].first\n" in told


@pytest.mark.parametrize("name", ["a01", "gpu-0001", "gpu-0001:mgmt0", "tor-1:3", "10.0.0.12"])
def test_why_knows_every_kind_of_object(name: str, tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    decisions = document(capsys, "why", "s", name)["decisions"]
    assert isinstance(decisions, list)
    assert decisions
    assert all(each["file"] == "s/cluster.yaml" and each["line"] > 0 for each in decisions)


def test_why_knows_cables(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    port = document(capsys, "show", "s", "port", "gpu-0004:mgmt0")["port"]
    assert isinstance(port, dict)
    assert "gpu-0004:mgmt0 meets" in shown(capsys, "why", "s", str(port["cable_id"]))


def test_why_of_nothing_is_64(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    assert run(["why", "s", "gpu-00004"]) == 64
    assert "did you mean 'gpu-0004'?" in capsys.readouterr().err


# ------------------------------------------------------------------------------------- lock


def test_lock_is_written_once_and_then_up_to_date(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    assert run(["lock", "s", "--check"]) == 13
    assert not (tmp_path / "s" / "cluster.lock").exists()
    assert shown(capsys, "lock", "s") == "wrote s/cluster.lock; commit it\n"
    written = (tmp_path / "s" / "cluster.lock").read_bytes()
    assert shown(capsys, "lock", "s", "--check") == "s/cluster.lock is up to date\n"
    assert shown(capsys, "lock", "s") == "s/cluster.lock is up to date\n"
    assert (tmp_path / "s" / "cluster.lock").read_bytes() == written


def test_lock_grows_with_the_site_and_moves_nothing(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    shown(capsys, "lock", "s")
    before = document(capsys, "show", "s", "addresses")["addresses"]
    # The new rack is written before the old ones, where a planner without memory would start.
    small_site(tmp_path / "s", ("names: a[01-02]", "names: a[00-02]"))
    assert run(["lock", "s", "--check"]) == 13
    after = document(capsys, "show", "s", "addresses")["addresses"]
    assert isinstance(before, list)
    assert isinstance(after, list)
    assert len(after) == len(before) + 2
    assert [row for row in after if row in before] == before
    assert shown(capsys, "lock", "s") == "updated s/cluster.lock; commit it\n"


def test_installed_cables_move_only_when_that_is_allowed(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    run(["lock", "s"])
    lock = tmp_path / "s" / "cluster.lock"
    lock.write_text(
        lock.read_text(encoding="utf-8").replace("lanes: 1", "lanes: 2"), encoding="utf-8"
    )
    before = lock.read_text(encoding="utf-8")
    capsys.readouterr()
    assert run(["lock", "s"]) == 11
    assert "would move" in capsys.readouterr().err
    assert lock.read_text(encoding="utf-8") == before
    assert run(["lock", "s", "--allow-recable"]) == 0
    assert run(["check", "s", "--strict"]) == 0


def test_a_site_that_fails_its_checks_is_not_locked(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s", SAME_U_TWICE)
    assert run(["lock", "s"]) == 11
    assert "u-overlap" in capsys.readouterr().err
    assert not (tmp_path / "s" / "cluster.lock").exists()


# ------------------------------------------------------------------------------------- init


def test_init_writes_a_site_that_checks_clean(tmp_path: Path, capsys: Output) -> None:
    assert "next: colossus check my-lab" in shown(capsys, "init", "my-lab")
    text = (tmp_path / "my-lab" / "cluster.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=cluster.schema.json\n")
    assert load_site(tmp_path / "my-lab").accepted().cluster == "my-lab"
    assert shown(capsys, "check", "my-lab", "--strict").startswith("no findings\n")
    schema = json.loads((tmp_path / "my-lab" / "cluster.schema.json").read_text(encoding="utf-8"))
    assert set(yaml.safe_load(text)) <= set(schema["properties"])


def test_init_never_overwrites(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("mine", encoding="utf-8")
    assert run(["init", "full"]) == 64
    assert run(["init", "full/notes"]) == 64
    assert [each.name for each in (tmp_path / "full").iterdir()] == ["notes"]
    assert "full is not empty" in capsys.readouterr().err


def test_init_keeps_its_own_name_where_the_folder_has_none(tmp_path: Path, capsys: Output) -> None:
    shown(capsys, "init", "My Lab")
    assert load_site(tmp_path / "My Lab").accepted().cluster == "starter"


# --------------------------------------------------------------------- schema, catalog, doctor


@pytest.mark.parametrize("kind", ["cluster", "catalog", "playbook", "lock", "parts"])
def test_schema_is_json_schema(kind: str, capsys: Output) -> None:
    schema = json.loads(shown(capsys, "schema", kind))
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["schema_version"] == 1


@pytest.mark.parametrize(
    ("kind", "file"),
    [("cluster", "examples/cluster.schema.json"), ("catalog", "inventory/catalog.schema.json")],
)
def test_the_schemas_beside_the_files_are_current(kind: str, file: str, capsys: Output) -> None:
    committed = (ROOT / file).read_text(encoding="utf-8")
    assert committed == shown(capsys, "schema", kind), f"run: colossus schema {kind} > {file}"


def test_catalog_lists_shipped_and_own_models(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    models = document(capsys, "catalog", "list", "--site", "s")["models"]
    assert isinstance(models, list)
    names = {row["model"] for row in models}
    assert {"acme/box", "nvidia/dgx-a100"} <= names
    assert "acme/box" not in shown(capsys, "catalog", "list")


def test_catalog_show_gives_what_the_file_says(capsys: Output) -> None:
    told = yaml.safe_load(shown(capsys, "catalog", "show", "nvidia/dgx-a100"))
    assert told["power"]["max_watts"] == 6500
    assert run(["catalog", "show", "nvidia/dgx-a10"]) == 64
    assert "did you mean 'nvidia/dgx-a100'?" in capsys.readouterr().err


def test_every_shipped_model_is_valid(capsys: Output) -> None:
    models = document(capsys, "catalog", "list")["models"]
    assert isinstance(models, list)
    assert len(models) == len(list((ROOT / "inventory" / "catalog").glob("*/*.yaml")))


def test_doctor_reports_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("colossus.cli.doctor.preflight", list)
    rows = document(capsys, "doctor")["capabilities"]
    assert isinstance(rows, list)
    ready = {row["capability"]: row["ready"] for row in rows}
    assert ready["site folders"] is True
    assert ready["comparison with a revision"] is False
    assert "git is not installed" in shown(capsys, "doctor")
