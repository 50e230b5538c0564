"""How to get a product with curl and Python, to be copied as it stands."""

from datetime import UTC, datetime, timedelta

import orjson

from datenbroker.catalogue.entry import Publication
from datenbroker.catalogue.pages.texts import Language, texts
from datenbroker.products.product import Product, Visibility

ASKED_FOR = timedelta(days=365)


def ways(publication: Publication, product: Product, language: Language) -> dict[str, str]:
    """Slugs and addresses hold nothing that a shell or Python would read otherwise."""
    base = publication.product(product.slug)
    key = "" if product.visibility is Visibility.OPEN else '-H "X-API-Key: $KEY" '
    asked = [f"'{base}/ngsi-ld/v1/entities?limit=10&options=keyValues'", f"-OJ '{base}/export.csv'"]
    if publication.tells_history(product):
        day = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        asked.append(
            f"'{base}/ngsi-ld/v1/temporal/entities?local=true&timerel=after&timeAt={day}&options=temporalValues'"
        )
    return {
        "curl": "\n".join(f"curl -sS {key}{what}" for what in asked),
        "python": _python(base, bool(key)),
        "ask": _ask(base, language),
    }


def _python(base: str, with_key: bool) -> str:
    lines = ["from getpass import getpass", "", "import httpx"] if with_key else ["import httpx"]
    headers = ', headers={"X-API-Key": getpass("API key: ")}' if with_key else ""
    lines += [
        "",
        f'answer = httpx.get("{base}/ngsi-ld/v1/entities",',
        f'                   params={{"limit": 100, "options": "keyValues"}}{headers})',
        "answer.raise_for_status()",
        "for entity in answer.json():",
        '    print(entity["id"], entity)',
    ]
    return "\n".join(lines)


def _ask(base: str, language: Language) -> str:
    until = (datetime.now(UTC) + ASKED_FOR).date().isoformat()
    body = orjson.dumps({"purpose": texts(language)["purpose"], "until": until}).decode()
    return f"curl -sS -H \"X-API-Key: $KEY\" '{base}/grants' \\\n  --json '{body}'"
