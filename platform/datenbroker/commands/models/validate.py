"""`datenbroker validate`: what is wrong with an NGSI-LD payload, in a person's words."""

import json
import locale
import sys
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from datenbroker.errors import CannotStart

if TYPE_CHECKING:
    from data_models.checking.finding import Finding, Language

MEGABYTE = 1_000_000
MARKS = {"error": "x", "warning": "!"}


class Spoken(StrEnum):
    """The languages of the messages."""

    DE = "de"
    EN = "en"


class Checked(NamedTuple):
    """One entity of the payload and what was found. `place` is its number or line."""

    place: str
    id: str
    type: str
    findings: "list[Finding]"


def validate(
    source: Annotated[str, typer.Argument(metavar="FILE|URL|-", help="Where the entities are; - is standard input.")],
    lang: Annotated[
        Spoken | None, typer.Option("--lang", help="Language of the messages; default: the locale.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", help="For a URL, e.g. 'Authorization: Bearer hdb_…'.")
    ] = None,
) -> None:
    """Check NGSI-LD entities (normalized, concise or simplified; one, a list, JSON Lines) against their data models.

    Ends with 1 where something is wrong. A URL is given 10 seconds and 50 MB.
    """
    from data_models.checking.payload import Unreadable

    language: Language = lang.value if lang else _spoken()
    payload = _payload(source, header or [])
    try:
        checked = list(_checked(payload, language))
    except Unreadable as error:
        typer.echo(_no_json(source, error, language), err=True)
        raise typer.Exit(1) from None
    counts = Counter[str](finding.severity for each in checked for finding in each.findings)
    typer.echo(_as_json(checked, counts, language) if as_json else "\n".join(_lines(checked, counts, language)))
    if counts["error"] or (strict and counts["warning"]):
        raise typer.Exit(1)


def _spoken() -> "Language":
    return "de" if (locale.getlocale()[0] or "").lower().startswith(("de", "german")) else "en"


def _payload(source: str, headers: list[str]) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    if source.startswith(("http://", "https://")):
        return _fetched(source, headers)
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise CannotStart(f"{source} cannot be read: {error.strerror or error}.") from None


def _fetched(url: str, headers: list[str]) -> bytes:
    import httpx

    wrong = next((header for header in headers if ":" not in header), None)
    if wrong is not None:
        raise CannotStart(f"--header {wrong!r} must be NAME: VALUE.")
    named = {name.strip(): value.strip() for name, _, value in (header.partition(":") for header in headers)}
    accepted = {"Accept": "application/ld+json, application/json"} | named
    try:
        with httpx.Client(timeout=10, follow_redirects=True) as http, http.stream("GET", url, headers=accepted) as got:
            got.raise_for_status()
            return _bounded(got.iter_bytes(), url)
    except httpx.HTTPStatusError as error:
        raise CannotStart(f"{url} answers with {error.response.status_code}: is a key needed (--header)?") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CannotStart(f"{url} cannot be read: {error or type(error).__name__}.") from None


def _bounded(parts: Iterator[bytes], url: str) -> bytes:
    payload = bytearray()
    for part in parts:
        payload += part
        if len(payload) > 50 * MEGABYTE:
            raise CannotStart(f"{url} sends more than 50 MB: save it in a file and check that.")
    return bytes(payload)


def _checked(payload: bytes, language: "Language") -> Iterator[Checked]:
    from data_models.checking.entity import check, types_of
    from data_models.checking.finding import Finding
    from data_models.checking.payload import entities_in

    seen, word = set[str](), {"de": ("Zeile", "Nr."), "en": ("line", "no.")}[language]
    for number, by_line, entity in entities_in(payload):
        findings, head = check(entity), entity if isinstance(entity, dict) else {}
        name = str(head.get("id", ""))
        if name and name in seen:
            findings.append(Finding("id_twice", "warning", "id", name))
        seen.add(name)
        yield Checked(f"{word[0 if by_line else 1]} {number}", name, ", ".join(types_of(head)), findings)


def _lines(checked: list[Checked], counts: Counter[str], language: "Language") -> Iterator[str]:
    for each in checked:
        if each.findings:
            yield f"{each.id or '—'} ({', '.join(filter(None, [each.type, each.place]))})"
        for finding in each.findings:
            yield f"  {MARKS[finding.severity]} {f'{finding.path}: ' if finding.path else ''}{finding.text(language)}"
    words = {"de": ("Entitäten", "Fehler", "Warnungen"), "en": ("entities", "errors", "warnings")}[language]
    yield f"{len(checked)} {words[0]}, {counts['error']} {words[1]}, {counts['warning']} {words[2]}"


def _as_json(checked: list[Checked], counts: Counter[str], language: "Language") -> str:
    findings: list[dict[str, Any]] = [
        {"entity": each.id, "type": each.type, "place": each.place, **finding.as_json(language)}
        for each in checked
        for finding in each.findings
    ]
    summary = {"entities": len(checked), "errors": counts["error"], "warnings": counts["warning"]}
    return json.dumps(summary | {"findings": findings}, ensure_ascii=False, indent=1)


def _no_json(source: str, error: Any, language: "Language") -> str:
    place = {"de": f"Zeile {error.line}, Spalte {error.column}", "en": f"line {error.line}, column {error.column}"}
    text = {"de": "kein JSON", "en": "no JSON"}
    return f"{source}: {place[language]}: {text[language]}: {error}"
