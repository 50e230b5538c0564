"""`datenbroker validate`: files, addresses and standard input; exit codes that scripts can use."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from datenbroker.cli import app

PLACE = {"type": "Point", "coordinates": [7.22, 51.54]}
GOOD = {"id": "urn:ngsi-ld:WasteContainer:1", "type": "WasteContainer", "location": PLACE, "fillingLevel": 0.57}
BAD = {**GOOD, "fillingLevel": 57}
ODD = {**GOOD, "colourOfLid": "green"}


def run(*arguments: str, given: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["validate", *arguments], input=given)
    return result.exit_code, result.output


def saved(folder: Path, payload: Any) -> str:
    path = folder / "entities.json"
    path.write_text(json.dumps(payload), encoding="utf-8")
    return str(path)


def test_a_good_payload_is_0_and_a_bad_one_1(tmp_path: Path) -> None:
    assert run(saved(tmp_path, GOOD), "--lang", "en") == (0, "1 entities, 0 errors, 0 warnings\n")
    code, output = run(saved(tmp_path, [GOOD, BAD]), "--lang", "de")
    assert code == 1
    assert "urn:ngsi-ld:WasteContainer:1 (WasteContainer, Nr. 2)\n  x fillingLevel: Gesendet wurde 57" in output


def test_warnings_fail_only_where_that_is_wanted(tmp_path: Path) -> None:
    path = saved(tmp_path, ODD)
    assert run(path)[0] == 0
    assert run(path, "--strict")[0] == 1


def test_standard_input_may_have_json_lines_and_an_id_twice() -> None:
    code, output = run("-", "--lang", "en", given=f"{json.dumps(BAD)}\n{json.dumps(GOOD)}\n")
    assert code == 1
    assert "line 1)\n  x fillingLevel" in output
    assert "line 2)\n  ! id: This id occurs several times" in output


def test_programs_get_json(tmp_path: Path) -> None:
    code, output = run(saved(tmp_path, BAD), "--json", "--lang", "en")
    answer = json.loads(output)
    assert (code, answer["entities"], answer["errors"]) == (1, 1, 1)
    assert answer["findings"][0]["attribute"] == "fillingLevel"
    assert answer["findings"][0]["message"].startswith("57 was sent, allowed is at most 1.")


def test_what_is_no_json_is_said_with_line_and_column() -> None:
    code, output = run("-", "--lang", "en", given='{"id": 1\n')
    assert code == 1
    assert "line 2, column 1: no JSON" in output or "line 1" in output


class Site(BaseHTTPRequestHandler):
    """Needs a key."""

    def do_GET(self) -> None:
        allowed = self.headers["X-API-Key"] == "hdb_1"
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(json.dumps(BAD).encode() if allowed else b"{}")

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 as the base names it
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/entities"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_is_read_with_the_headers_given(site: str) -> None:
    code, output = run(site, "--lang", "en", "-H", "X-API-Key: hdb_1")
    assert code == 1
    assert "57 was sent" in output


@pytest.mark.parametrize("source", ["/nowhere/at/all.json", "http://127.0.0.1:9/x"])
def test_what_cannot_be_read_is_said_in_one_line(source: str) -> None:
    result = CliRunner().invoke(app, ["validate", source])
    assert f"{source} cannot be read" in str(result.exception)


def test_a_refused_address_says_that_a_key_may_be_missing(site: str) -> None:
    assert "401: is a key needed" in str(CliRunner().invoke(app, ["validate", site]).exception)
    assert "must be NAME: VALUE" in str(CliRunner().invoke(app, ["validate", site, "-H", "nonsense"]).exception)
