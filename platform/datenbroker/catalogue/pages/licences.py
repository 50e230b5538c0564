"""What people call the licences whose codes products carry. Source: the list of DCAT-AP.de."""

from datenbroker.catalogue.pages.texts import Language

_NAMES: dict[str, tuple[str, str]] = {
    "dl-by-de/2.0": (
        "Datenlizenz Deutschland – Namensnennung – 2.0",
        "Data licence Germany – attribution – 2.0",
    ),
    "dl-zero-de/2.0": ("Datenlizenz Deutschland – Zero – 2.0", "Data licence Germany – Zero – 2.0"),
    "dl-by-nc-de/1.0": (
        "Datenlizenz Deutschland – Namensnennung – nicht kommerziell – 1.0",
        "Data licence Germany – attribution – non-commercial – 1.0",
    ),
    "cc-by/4.0": ("Creative Commons Namensnennung 4.0", "Creative Commons Attribution 4.0"),
    "cc-by-sa/4.0": (
        "Creative Commons Namensnennung – Weitergabe unter gleichen Bedingungen 4.0",
        "Creative Commons Attribution-ShareAlike 4.0",
    ),
    "cc-by-nd/4.0": (
        "Creative Commons Namensnennung – keine Bearbeitung 4.0",
        "Creative Commons Attribution-NoDerivatives 4.0",
    ),
    "cc-by-nc/4.0": (
        "Creative Commons Namensnennung – nicht kommerziell 4.0",
        "Creative Commons Attribution-NonCommercial 4.0",
    ),
    "cc-zero": ("Creative Commons Zero (CC0)", "Creative Commons Zero (CC0)"),
    "ccpdm/1.0": ("Public Domain Mark 1.0", "Public Domain Mark 1.0"),
    "odbl": ("Open Database License (ODbL)", "Open Database License (ODbL)"),
    "odby": ("Open Data Commons Attribution License", "Open Data Commons Attribution License"),
    "odcpddl": (
        "Open Data Commons Public Domain Dedication and Licence",
        "Open Data Commons Public Domain Dedication and Licence",
    ),
    "geonutz/20130319": (
        "Nutzungsbestimmungen für Geodaten des Bundes (GeoNutzV)",
        "Terms of use of the Federation's geodata (GeoNutzV)",
    ),
    "geoNutz/20131001": (
        "Nutzungsbestimmungen für Geodaten des Landes Berlin",
        "Terms of use of the State of Berlin's geodata",
    ),
    "officialWork": ("Amtliches Werk, lizenzfrei (§ 5 UrhG)", "Official work, free of licence (§ 5 UrhG)"),
    "other-open": ("Andere offene Lizenz", "Another open licence"),
    "other-closed": ("Nicht offen: nur nach Absprache", "Not open: by agreement only"),
    "other-commercial": ("Andere kommerzielle Lizenz", "Another commercial licence"),
    "other-freeware": ("Andere Freeware-Lizenz", "Another freeware licence"),
}


def licence_name(code: str, language: Language) -> str:
    """Its name, or its code where it has none here."""
    return _NAMES.get(code, (code, code))[language == "en"]
