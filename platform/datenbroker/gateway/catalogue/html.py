"""The catalogue's pages for people."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import HTMLResponse

from datenbroker.catalogue.dataset import mailto
from datenbroker.catalogue.distributions import files, licence
from datenbroker.catalogue.entry import Entry
from datenbroker.catalogue.graph import Page
from datenbroker.catalogue.pages import render
from datenbroker.catalogue.pages.map import drawing
from datenbroker.catalogue.pages.table import table_of
from datenbroker.catalogue.pages.texts import Language
from datenbroker.catalogue.pages.words import interval_text, moment_text
from datenbroker.catalogue.quality.job import HERNE
from datenbroker.gateway.catalogue.answers import Moment
from datenbroker.gateway.catalogue.asked import CatalogueAsked
from datenbroker.gateway.catalogue.negotiation import FORMS, language
from datenbroker.gateway.catalogue.parts import Catalogue
from datenbroker.gateway.catalogue.ways import ways
from datenbroker.products.product import Product, Visibility, duration
from datenbroker.products.vocabulary import THEME_NAMES

CONTENT = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
}
Option = tuple[str, str, int]


async def list_page(catalogue: Catalogue, moment: Moment, asked: CatalogueAsked, page: Page) -> Response:
    chosen = language_of(moment)
    found = catalogue.available(moment.caller)
    facets = _facets(found, await catalogue.names(), chosen)
    searched = bool(asked.text or asked.theme or asked.type or asked.owner)
    return answer(
        "list.html", catalogue, moment, page=page, asked=asked, facets=facets, searched=searched,
        anonymous=moment.caller is None,
    )  # fmt: skip


async def product_page(catalogue: Catalogue, moment: Moment, entry: Entry) -> Response:
    """The examples are what the product's own endpoint shows this caller."""
    product, chosen = entry.product, language_of(moment)
    sample = await catalogue.reading.sample(product.slug, moment.caller, chosen)
    publication = catalogue.published(moment.request)
    return answer(
        "product.html",
        catalogue,
        moment,
        entry=entry,
        days=await catalogue.records.of(product.slug),
        table=None if sample is None else table_of(sample),
        map=drawing(sample or ()),
        licence=licence(product),
        mail=mailto(product.contact.email),
        interval=interval_text(duration(product.update_interval), chosen),
        address=publication.product(product.slug),
        files=files(publication),
        open=product.visibility is Visibility.OPEN,
        konzern=product.visibility is Visibility.KONZERN,
        ways=ways(publication, product, chosen),
    )


def language_of(moment: Moment) -> Language:
    return language(moment.request.query_params.get("lang"), moment.header("accept-language"))


def answer(template: str, catalogue: Catalogue, moment: Moment, **values: Any) -> Response:
    """A page in the language of whoever asks, which may load nothing but its style sheet."""
    chosen, publication = language_of(moment), catalogue.publication

    def when(time: datetime) -> str:
        return moment_text(time.astimezone(HERNE), chosen)

    text = render.page(
        template,
        chosen,
        site=publication.title if chosen == "de" else publication.title_en,
        publisher=publication.publisher,
        other_language=_in_other_language(moment, chosen),
        forms=[(ending, form.media_type) for ending, form in FORMS.items()],
        themes=THEME_NAMES,
        when=when,
        **values,
    )
    headers = moment.headers() | CONTENT | {"content-language": chosen}
    return HTMLResponse(text, headers=headers)


def _in_other_language(moment: Moment, chosen: Language) -> str:
    query = [(name, value) for name, value in moment.request.query_params.multi_items() if name != "lang"]
    return "?" + urlencode([*query, ("lang", "en" if chosen == "de" else "de")])


def _facets(products: Iterable[Product], names: dict[str, str], chosen: Language) -> dict[str, list[Option]]:
    """What can be chosen, with how many products that has of all that the caller may find."""
    themes, types, owners = Counter[str](), Counter[str](), Counter[str]()
    for product in products:
        themes[product.theme] += 1
        owners[product.organisation] += 1
        types.update(set(product.served.types))
    return {
        "themes": _options(themes, {code: THEME_NAMES[code][chosen] for code in themes}),
        "types": _options(types, {}),
        "owners": _options(owners, names),
    }


def _options(counts: Counter[str], names: dict[str, str]) -> list[Option]:
    return sorted(((value, names.get(value, value), count) for value, count in counts.items()), key=lambda one: one[1])
