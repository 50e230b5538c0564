"""What three of the demo city's subsidiaries share: five data products, one of them open; and who asked for them."""

from datetime import timedelta
from typing import Any, NamedTuple

from datenbroker.identities.roles import Caller, Role, rights_of
from datenbroker.products.grant import GrantState
from datenbroker.products.grants import Decision, Grants, GrantWanted
from datenbroker.products.life_cycle import Step
from datenbroker.products.product import ProductWanted, now
from datenbroker.products.products import Products

OPEN_PRODUCT = "behaelter"
GRANTED_FOR = timedelta(days=365)


class Shared(NamedTuple):
    """A product, and for what others have asked for it, by organisation; `granted` of them are granted."""

    organisation: str
    described: dict[str, Any]
    asked: dict[str, str]
    granted: tuple[str, ...] = ()


def _described(slug: str, title: tuple[str, str], text: tuple[str, str], **members: Any) -> dict[str, Any]:
    return {
        "slug": slug,
        "title": {"de": title[0], "en": title[1]},
        "description": {"de": text[0], "en": text[1]},
        "licence": "dl-by-de/2.0",
        "update_interval": "PT15M",
        "visibility": "konzern",
    } | members


WASTE_CONTACT = {"name": "entsorgung herne, Disposition", "email": "daten@entsorgung-herne.example"}
ENERGY_CONTACT = {"name": "Stadtwerke Herne, Netzleitstelle", "email": "daten@stadtwerke-herne.example"}
HOUSING_CONTACT = {"name": "HGW, Technik", "email": "daten@hgw-herne.example"}

PRODUCTS = (
    Shared(
        "entsorgung-herne",
        _described(
            OPEN_PRODUCT,
            ("Öffentliche Behälter und ihre Füllstände", "Public containers and how full they are"),
            (
                "Standorte der öffentlichen Papierkörbe und Wertstoffbehälter in Herne mit gemessenem Füllstand",
                "Places of the public litter bins and recycling containers in Herne with their measured filling level",
            ),
            theme="ENVI",
            visibility="open",
            contact=WASTE_CONTACT,
            keywords=["Papierkorb", "Mülleimer", "Altglas", "Wertstoffe", "Füllstand", "Abfall"],
            selection={
                "types": ["WasteContainer"],
                "attributes": ["name", "location", "address", "fillingLevel", "storedWasteKind"],
            },
        ),
        {},
    ),
    Shared(
        "entsorgung-herne",
        _described(
            "behaelter-betrieb",
            ("Behälter im Betrieb", "Containers in operation"),
            (
                "Alle Messwerte der Behälter für die Planung von Touren und Grünpflege",
                "All readings of the containers, for planning tours and the care of parks",
            ),
            theme="ENVI",
            licence="other-closed",
            contact=WASTE_CONTACT,
            selection={"types": ["WasteContainer"]},
        ),
        {"stadt-herne": "Planung der Grünpflege: Papierkörbe in Parks werden mit geleert"},
        ("stadt-herne",),
    ),
    Shared(
        "stadtwerke-herne",
        _described(
            "photovoltaik",
            ("Photovoltaik im Netzgebiet", "Photovoltaics in the supply area"),
            (
                "Leistung und Ertrag der Anlagen der Stadtwerke",
                "Power and yield of the municipal utility's plants",
            ),
            theme="ENER",
            contact=ENERGY_CONTACT,
            selection={"types": ["PhotovoltaicMeasurement"]},
        ),
        {"hgw": "Auslegung eigener Anlagen auf Wohngebäuden", "stadt-herne": "Klimaschutzbericht der Stadt"},
        ("stadt-herne",),
    ),
    Shared(
        "stadtwerke-herne",
        _described(
            "stromlast",
            ("Mittlere elektrische Last", "Mean electrical load"),
            (
                "Mittel über mindestens fünf Stromzähler, jede Viertelstunde; einzelne Zähler sind nicht zu sehen",
                "Mean over at least five electricity meters, every quarter of an hour; no single meter can be seen",
            ),
            theme="ENER",
            contact=ENERGY_CONTACT,
            selection={"types": ["SmartMeteringObservation"], "q": "power;!flowTemperature"},
            aggregation={
                "type": "ElectricalLoad",
                "period": "PT15M",
                "measures": [{"attribute": "power", "function": "mean"}],
            },
        ),
        {"stadt-herne": "Energiebericht der Stadt"},
        ("stadt-herne",),
    ),
    Shared(
        "hgw",
        _described(
            "waermebedarf",
            ("Mittlerer Wärmebedarf der Wohngebäude", "Mean heat demand of the housing stock"),
            (
                "Mittel über mindestens fünf Wärmezähler, einmal in der Stunde; einzelne Gebäude sind nicht zu sehen",
                "Mean over at least five heat meters, every hour; no single building can be seen",
            ),
            theme="ENER",
            contact=HOUSING_CONTACT,
            selection={"types": ["SmartMeteringObservation"], "q": "flowTemperature"},
            aggregation={
                "type": "HeatDemand",
                "period": "PT1H",
                "measures": [{"attribute": "power", "function": "mean"}],
            },
        ),
        {"stadtwerke-herne": "Fahrweise des Wärmenetzes"},
    ),
)


async def publish(products: Products, grants: Grants) -> None:
    """Those that are not there yet, each taken the whole way by two identities of its owner."""
    for organisation, described, asked, granted in PRODUCTS:
        wanted = ProductWanted.model_validate(described)
        if wanted.slug in products.index.products:
            continue
        provider, steward = _somebody(organisation, Role.DATA_PROVIDER), _somebody(organisation, Role.DATA_STEWARD)
        await products.create(wanted, organisation, provider)
        await products.step(wanted.slug, Step.READY, provider)
        await products.step(wanted.slug, Step.RELEASE, steward)
        until = (now() + GRANTED_FOR).date()
        for other, purpose in asked.items():
            user = _somebody(other, Role.DATA_CONSUMER)
            grant = await grants.ask(wanted.slug, GrantWanted(purpose=purpose, until=until), user)
            if other in granted:
                await grants.decide(grant.id, Decision(decision=GrantState.GRANTED), steward)


def _somebody(organisation: str, role: Role) -> Caller:
    roles = frozenset({role})
    return Caller(f"demo-{role}-{organisation}", organisation, None, roles, rights_of(roles))
