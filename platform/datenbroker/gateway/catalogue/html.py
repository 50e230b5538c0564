"""The catalogue's pages for people."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse

from datenbroker.catalogue.dataset import mailto
from datenbroker.catalogue.distributions import files, licence, names_its_source
from datenbroker.catalogue.entry import Entry
from datenbroker.catalogue.graph import Page
from datenbroker.catalogue.pages.licences import licence_name
from datenbroker.catalogue.pages.map import drawing
from datenbroker.catalogue.pages.table import table_of
from datenbroker.catalogue.pages.texts import Language
from datenbroker.catalogue.pages.words import interval_text, moment_text
from datenbroker.catalogue.quality.job import HERNE
from datenbroker.gateway.catalogue.answers import Moment
from datenbroker.gateway.catalogue.asked import CatalogueAsked
from datenbroker.gateway.catalogue.asking import asking
from datenbroker.gateway.catalogue.negotiation import FORMS
from datenbroker.gateway.catalogue.parts import Catalogue
from datenbroker.gateway.catalogue.ways import ways
from datenbroker.gateway.pages.layout import language_of
from datenbroker.products.product import Product, Visibility, duration
from datenbroker.products.vocabulary import HVD_CATEGORIES, THEME_NAMES

Option = tuple[str, str, int]


async def list_page(catalogue: Catalogue, moment: Moment, asked: CatalogueAsked, page: Page) -> Response:
    chosen = language_of(moment.request.scope)
    found = catalogue.available(moment.caller)
    facets = _facets(found, await catalogue.names(), chosen)
    searched = bool(asked.text or asked.theme or asked.type or asked.owner)
    return answer(
        "list.html", catalogue, moment, page=page, asked=asked, facets=facets, searched=searched,
        anonymous=moment.caller is None,
    )  # fmt: skip


async def product_page(catalogue: Catalogue, moment: Moment, entry: Entry) -> Response:
    """The examples are what the product's own endpoint shows this caller."""
    product, chosen = entry.product, language_of(moment.request.scope)
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
        hvd=HVD_CATEGORIES.get(product.hvd_category or ""),
        interval=interval_text(duration(product.update_interval), chosen),
        address=publication.product(product.slug),
        licence_name=licence_name(product.licence, chosen),
        attributed=names_its_source(product),
        files=files(publication) if catalogue.may_use(product.slug, moment.caller) else (),
        open=product.visibility is Visibility.OPEN,
        asking=asking(catalogue, moment.caller, product, chosen),
        ways=ways(publication, product, chosen),
        history=publication.tells_history(product),
    )


def answer(template: str, catalogue: Catalogue, moment: Moment, **values: Any) -> Response:
    """A page in the language of whoever asks, which may load nothing but its style sheet."""
    scope = moment.request.scope
    chosen = language_of(scope)

    def when(time: datetime) -> str:
        return moment_text(time.astimezone(HERNE), chosen)

    text = catalogue.site.page(
        template,
        scope,
        forms=[(ending, form.media_type) for ending, form in FORMS.items()],
        themes=THEME_NAMES,
        when=when,
        **values,
    )
    policy = {"content-security-policy": catalogue.site.policy, "content-language": chosen}
    return HTMLResponse(text, headers=moment.headers() | policy)


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
