"""The words of the pages, in German and English."""

from typing import Literal

Language = Literal["de", "en"]

TEXTS: dict[str, tuple[str, str]] = {
    "skip": ("Zum Inhalt springen", "Skip to content"),
    "catalogue": ("Datenkatalog", "Data catalogue"),
    "inventory": ("Dateninventar", "Data inventory"),
    "api": ("API-Dokumentation", "API documentation"),
    "other_language": ("English", "Deutsch"),
    "languages": ("Sprache", "Language"),
    "search": ("Suche", "Search"),
    "words": ("Suchwörter", "Words"),
    "theme": ("Thema", "Theme"),
    "type": ("Art der Daten", "Type of data"),
    "owner": ("Anbieter", "Owner"),
    "any": ("alle", "any"),
    "find": ("Suchen", "Search"),
    "reset": ("Zurücksetzen", "Reset"),
    "found_one": ("1 Datenprodukt", "1 data product"),
    "found": ("{} Datenprodukte", "{} data products"),
    "nothing": ("Nichts gefunden. Suchen Sie mit weniger Angaben.", "Nothing found. Search for less at once."),
    "nothing_yet": ("Noch ist kein Datenprodukt für Sie veröffentlicht.", "No data product is published for you yet."),
    "more_with_key": (
        "Mit einem Schlüssel Ihrer Organisation finden Sie auch die Datenprodukte für den Konzern Stadt.",
        "With a key of your organisation you also find the products for the city's group of companies.",
    ),
    "pages": ("Seiten", "Pages"),
    "previous": ("Vorige Seite", "Previous page"),
    "next": ("Nächste Seite", "Next page"),
    "page_of": ("Seite {} von {}", "Page {} of {}"),
    "machine": ("Für Maschinen (DCAT-AP.de)", "For machines (DCAT-AP.de)"),
    "visible_open": ("Offen für alle", "Open to all"),
    "visible_konzern": ("Für den Konzern, auf Anfrage", "Within the group, on request"),
    "visible_private": ("Nur für den Anbieter", "For its owner only"),
    "draft": ("Noch nicht freigegeben", "Not released yet"),
    "about": ("Worum es geht", "What it is"),
    "licence": ("Lizenz", "Licence"),
    "interval": ("Aktualisierung", "Updated every"),
    "contact": ("Ansprechpartner", "Contact"),
    "attributes": ("Attribute", "Attributes"),
    "all_attributes": ("alle", "all"),
    "version": ("Version", "Version"),
    "released": ("Veröffentlicht", "Published"),
    "changed": ("Letzte Aktualisierung", "Last update"),
    "history": ("Mit Historie", "With history"),
    "aggregated": (
        "Zusammengefasste Werte über mindestens {} Objekte",
        "Aggregated values over at least {} things",
    ),
    "yes": ("ja", "yes"),
    "no": ("nein", "no"),
    "map": ("Karte der Beispiele", "Map of the examples"),
    "map_text": (
        "Karte: {} Orte zwischen {} und {} nördlicher Breite, {} und {} östlicher Länge.",
        "Map: {} places between latitude {} and {}, longitude {} and {}.",
    ),
    "osm": ("Gegend bei OpenStreetMap ansehen", "See the area on OpenStreetMap"),
    "sample": ("Zehn Beispiele", "Ten examples"),
    "sample_text": (
        "Höchstens zehn Objekte, so wie die Schnittstelle sie jetzt liefert",
        "At most ten entities, as the interface delivers them now",
    ),
    "no_sample": ("Für Sie gibt es keine Beispiele zu sehen.", "There are no examples for you to see."),
    "empty_sample": ("Zurzeit enthält das Produkt keine Objekte.", "At present the product holds no entities."),
    "entity": ("Objekt", "Entity"),
    "observed": ("Gemessen", "Observed"),
    "quality": ("Datenqualität", "Data quality"),
    "quality_at": ("Gemessen am {}", "Measured on {}"),
    "not_measured": ("Noch nicht gemessen; das geschieht einmal am Tag.", "Not measured yet; this happens once a day."),
    "completeness": ("Vollständigkeit", "Completeness"),
    "completeness_text": (
        "Anteil der zugesagten Attribute, die vorhanden sind",
        "Share of the promised attributes that are there",
    ),
    "timeliness": ("Aktualität", "Timeliness"),
    "timeliness_text": (
        "Anteil der Objekte mit Messzeit, deren neuester Wert höchstens zwei Aktualisierungen alt ist",
        "Share of the entities with a time whose newest value is at most two update intervals old",
    ),
    "flagged": ("Auffällige Werte", "Doubtful values"),
    "flagged_text": (
        "Anteil der Werte, die die Plattform als zweifelhaft kennzeichnet",
        "Share of the values that the platform marks as doubtful",
    ),
    "entities": ("Objekte", "Entities"),
    "per_attribute": ("Vollständigkeit je Attribut", "Completeness by attribute"),
    "days": ("Verlauf der letzten 90 Tage", "The last 90 days"),
    "day": ("Tag", "Day"),
    "getting": ("So bekommen Sie die Daten", "How to get the data"),
    "files": ("Dateien", "Files"),
    "endpoint": ("Schnittstelle (NGSI-LD)", "Interface (NGSI-LD)"),
    "with_curl": ("Mit curl", "With curl"),
    "with_python": ("Mit Python", "With Python"),
    "key_hint": (
        "Setzen Sie für $KEY den API-Schlüssel Ihrer Organisation ein.",
        "Put your organisation's API key in the place of $KEY.",
    ),
    "ask": ("So fragen Sie Zugang an", "How to ask for access"),
    "ask_text": (
        "Das Produkt ist für den Konzern Stadt bestimmt. Nennen Sie Zweck und letzten Tag; der Anbieter entscheidet.",
        "This product is meant for the city's group. State a purpose and a last day; its owner decides.",
    ),
    "purpose": ("Wofür Sie die Daten brauchen", "What you need the data for"),
    "standards": (
        "Offene Standards: NGSI-LD, DCAT-AP.de",
        "Open standards: NGSI-LD, DCAT-AP.de",
    ),
}


def texts(language: Language) -> dict[str, str]:
    column = 0 if language == "de" else 1
    return {name: both[column] for name, both in TEXTS.items()}
