"""The inventory as a table for spreadsheets: its lines, then what is collected twice."""

import csv
import io

from datenbroker.catalogue.inventory.line import EVERYBODY
from datenbroker.catalogue.inventory.survey import Inventory
from datenbroker.catalogue.pages.texts import Language, texts

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def sheet(inventory: Inventory, language: Language) -> bytes:
    """CSV with a mark for UTF-8; with semicolons in German, as spreadsheets there expect them."""
    words, names = texts(language), inventory.organisations
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if language == "de" else ",")
    heads = ("owner", "kind", "name", "type", "interface", "count", "users", "twice")
    writer.writerow([words[head] for head in heads])
    for line in inventory.lines:
        users = [words["everybody"] if one == EVERYBODY else names.get(one, one) for one in line.users]
        twice = [
            one.sentence[language]
            for one in inventory.duplicates
            if line.kind != "product" and line.organisation in one.organisations and one.type in line.types
        ]
        cells = [
            names.get(line.organisation, line.organisation),
            words[f"kind_{line.kind}"],
            line.name,
            ", ".join(line.types),
            line.interface,
            "" if line.count is None else str(line.count),
            ", ".join(users) or words["own_use"],
            " ".join(twice),
        ]
        writer.writerow([_safe(cell) for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _safe(text: str) -> str:
    """A spreadsheet would run what begins like a formula."""
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text
