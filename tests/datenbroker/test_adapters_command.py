"""`datenbroker adapters` as an operator uses it."""

import importlib.util
import json
from pathlib import Path

import pytest

from tests.datenbroker.program import run

SAMPLES = Path(__file__).parents[1] / "samples"
SITES = SAMPLES / "parkapi" / "parking_sites.json"
INSTALLED = importlib.util.find_spec("parkapi_sources") is not None


def test_a_dry_run_prints_entities_and_rejects_and_needs_no_broker(tmp_path: Path) -> None:
    broken = tmp_path / "sites.json"
    broken.write_text(SITES.read_text(encoding="utf-8").replace('"lat": 51.5382', '"lat": 515.382'), encoding="utf-8")
    done = run(
        tmp_path, "adapters", "run", "parkapi", "--from-file", str(broken), "--dry-run", broker_url="http://127.0.0.1:1"
    )
    assert done.returncode == 0, done.stderr
    rejected, entity = sorted(map(json.loads, done.stdout.splitlines()), key=lambda line: "id" in line)
    assert (rejected["rejected"]["record"], entity["type"]) == ("P1", "OffStreetParking")
    assert "parkapi: 1 entities, 1 rejects; nothing was written" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_dry_run_of_a_file_that_cannot_be_read_has_failed(tmp_path: Path) -> None:
    trees = SAMPLES / "trees" / "trees.geojson"
    done = run(tmp_path, "adapters", "run", "waste_containers", "--from-file", str(trees), "--dry-run")
    assert (done.returncode, json.loads(done.stdout)["rejected"]["kind"]) == (1, "malformed")
    assert "Not read: waste_containers" in done.stderr


def test_one_file_of_a_source_that_reads_folders_is_read_too(tmp_path: Path) -> None:
    wind = SAMPLES / "mastr_units" / "EinheitenWind.xml"
    done = run(tmp_path, "adapters", "run", "mastr_units", "--from-file", str(wind), "--dry-run")
    assert json.loads(done.stdout)["generationSources"]["value"] == ["eolic"]


def test_a_file_is_read_once_and_the_state_is_shown(tmp_path: Path) -> None:
    done = run(tmp_path, "adapters", "run", "parkapi", "--from-file", str(SITES))
    assert (done.returncode, done.stdout.strip()) == (0, "parkapi: 2 records, 0 rejects"), done.stderr
    told = json.loads(run(tmp_path, "adapters", "show", "parkapi", "--json").stdout)
    assert (told["records"], told["runs"], told["failures"]) == (2, 1, 0)
    assert "availableSpotNumber" in {row["attribute"] for row in told["mapping"]}
    shown = run(tmp_path, "adapters", "show", "parkapi").stdout
    assert "records\t2" in shown
    assert "C62 (one" in shown


def test_the_list_as_json_tells_how_each_source_is_doing(tmp_path: Path) -> None:
    listed = json.loads(
        run(tmp_path, "adapters", "list", "--json", source_urls__ocpi="https://u:p@ocpi.example/?k=1").stdout
    )
    by_uid = {source["uid"]: source for source in listed}
    assert (by_uid["ocpi"]["status"], by_uid["ocpi"]["url"]) == ("waiting", "https://ocpi.example/")
    assert by_uid["parkapi"]["status"] == "not set"


def test_mistakes_say_what_to_do(tmp_path: Path) -> None:
    for command, hint in (
        ("run --from-file x.json", "needs exactly one source"),
        ("run parkapi --from-file nothing.json", "does not exist"),
        ("show nothing", "datenbroker adapters list"),
        ("show parkpi", "Is parkapi meant?"),
        ("run --once", "No source has an address. Set one by --source-urls"),
        ("run --dry-run", "No source has an address. Set one by --source-urls"),
        ("new weather", "is not the repository"),
        ("run --once --source-region 7,50", "west,south,east,north"),
    ):
        answer = run(tmp_path, "adapters", *command.split())
        assert answer.returncode == 1
        assert hint in answer.stderr
        assert "Traceback" not in answer.stderr


def test_secrets_of_a_source_come_from_the_settings_and_are_never_told(tmp_path: Path) -> None:
    access = json.dumps({"nothing": {"token": "geheim"}})
    refused = run(tmp_path, "adapters", "run", "parkapi", "--dry-run", "--from-file", str(SITES), source_access=access)
    assert "names no source: nothing" in refused.stderr
    wrong = run(tmp_path, "adapters", "list", source_access='{"ocpi": {"tokn": "geheim"}}')
    assert wrong.returncode == 1
    assert "geheim" not in refused.stderr + wrong.stderr + wrong.stdout


@pytest.mark.skipif(INSTALLED, reason="the library is installed")
def test_without_parkapi_sources_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    answer = run(tmp_path, "adapters", "parkapi")
    assert (answer.returncode, "herne-datenbroker[parkapi]" in answer.stderr) == (1, True)
    assert "Traceback" not in answer.stderr


@pytest.mark.skipif(not INSTALLED, reason="parkapi-sources needs Python 3.12: .ci/run tests it there")
def test_the_converters_of_parkapi_sources_are_listed(tmp_path: Path) -> None:
    offers = {offer["uid"]: offer for offer in json.loads(run(tmp_path, "adapters", "parkapi", "--json").stdout)}
    assert offers["stuttgart"]["how"] == "reads xml"
    assert "stuttgart" in run(tmp_path, "adapters", "parkapi").stdout
