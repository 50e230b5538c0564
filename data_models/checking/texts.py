"""The sentences of the checks, German and English. `{sent}` is what was sent, `{path}` the attribute."""

from collections.abc import Mapping
from types import MappingProxyType

Text = Mapping[str, str]


def _text(de: str, en: str) -> Text:
    return MappingProxyType({"de": de, "en": en})


TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "no_object": _text(
            "Hier steht {sent}, erwartet ist eine Entität: ein JSON-Objekt mit id und type.",
            "Here is {sent}, but an entity is expected: a JSON object with id and type.",
        ),
        "id_missing": _text(
            "Die id fehlt. Jede Entität braucht eine, z. B. urn:ngsi-ld:{type}:herne:1.",
            "The id is missing. Each entity needs one, e.g. urn:ngsi-ld:{type}:herne:1.",
        ),
        "id_twice": _text(
            "Diese id kommt mehrfach vor: die letzte Entität überschreibt die anderen.",
            "This id occurs several times: the last entity overwrites the others.",
        ),
        "type_missing": _text(
            "Der type fehlt, z. B. ParkingSpot.",
            "The type is missing, e.g. ParkingSpot.",
        ),
        "type_unknown": _text(
            "Für den Typ {sent} gibt es hier kein Datenmodell: die Werte wurden nicht geprüft.",
            "There is no data model for the type {sent} here: its values were not checked.",
        ),
        "type_misspelt": _text(
            "Den Typ {sent} gibt es nicht. Gemeint ist vermutlich {suggestion}.",
            "There is no type {sent}. Probably {suggestion} is meant.",
        ),
        "missing": _text(
            "Das Attribut fehlt; {type} verlangt es, als {kind}.",
            "The attribute is missing; {type} requires it, as a {kind}.",
        ),
        "member_missing": _text(
            "Im Wert fehlt {path}.",
            "The value lacks {path}.",
        ),
        "unknown": _text(
            "Das Datenmodell {type} kennt dieses Attribut nicht; es wird ungeprüft übernommen.",
            "The data model {type} does not know this attribute; it is taken unchecked.",
        ),
        "misspelt": _text(
            "Das Datenmodell {type} kennt dieses Attribut nicht. Gemeint ist vermutlich {suggestion}.",
            "The data model {type} does not know this attribute. Probably {suggestion} is meant.",
        ),
        "ngsi_ld": _text(
            "Das ist kein gültiges NGSI-LD: {reason}.",
            "This is no valid NGSI-LD: {reason}.",
        ),
        "kind": _text(
            'Das Attribut ist als {given} geschrieben, muss aber {due} sein: mit "type": "{due}" und "{member}".',
            'The attribute is written as a {given}, but must be a {due}: with "type": "{due}" and "{member}".',
        ),
        "unit": _text(
            "Die Einheit ist {given}, erwartet ist {due}. Wert umrechnen und unitCode {code} senden.",
            "The unit is {given}, but {due} is expected. Convert the value and send unitCode {code}.",
        ),
        "not_one_of": _text(
            "Gesendet wurde {sent}, erlaubt ist: {allowed}.",
            "{sent} was sent, allowed is: {allowed}.",
        ),
        "too_small": _text(
            "Gesendet wurde {sent}, erlaubt ist {bound}.",
            "{sent} was sent, allowed is {bound}.",
        ),
        "too_large": _text(
            "Gesendet wurde {sent}, erlaubt ist {bound}.",
            "{sent} was sent, allowed is {bound}.",
        ),
        "no_number": _text(
            "Gesendet wurde {sent}, erwartet ist eine Zahl.",
            "{sent} was sent, a number is expected.",
        ),
        "no_integer": _text(
            "Gesendet wurde {sent}, erwartet ist eine ganze Zahl.",
            "{sent} was sent, a whole number is expected.",
        ),
        "no_boolean": _text(
            "Gesendet wurde {sent}, erwartet ist true oder false.",
            "{sent} was sent, true or false is expected.",
        ),
        "no_text": _text(
            "Gesendet wurde {sent}, erwartet ist ein Text in Anführungszeichen.",
            "{sent} was sent, a text in quotes is expected.",
        ),
        "no_list": _text(
            "Gesendet wurde {sent}, erwartet ist eine Liste: [ … ].",
            "{sent} was sent, a list is expected: [ … ].",
        ),
        "no_structure": _text(
            "Gesendet wurde {sent}, erwartet ist ein Objekt: {{ … }}.",
            "{sent} was sent, an object is expected: {{ … }}.",
        ),
        "no_uri": _text(
            "Gesendet wurde {sent}, erwartet ist ein URI, z. B. urn:ngsi-ld:Device:herne:1 oder https://….",
            "{sent} was sent, a URI is expected, e.g. urn:ngsi-ld:Device:herne:1 or https://….",
        ),
        "pattern": _text(
            "Gesendet wurde {sent}, das hat nicht die verlangte Form {pattern}.",
            "{sent} was sent, which has not the form {pattern}.",
        ),
        "no_date_time": _text(
            "Gesendet wurde {sent}, erwartet ist ein Zeitpunkt mit Zeitzone, z. B. 2026-11-22T10:00:00Z.",
            "{sent} was sent, a time with its offset is expected, e.g. 2026-11-22T10:00:00Z.",
        ),
        "no_date": _text(
            "Gesendet wurde {sent}, erwartet ist ein Datum, z. B. 2026-11-22.",
            "{sent} was sent, a date is expected, e.g. 2026-11-22.",
        ),
        "no_position": _text(
            "Gesendet wurde {sent}, erwartet ist [Länge, Breite] in Grad (WGS 84), für Herne etwa [7.22, 51.54].",
            "{sent} was sent, [longitude, latitude] in degrees (WGS 84) is expected, e.g. [7.22, 51.54] for Herne.",
        ),
        "no_geometry": _text(
            'Gesendet wurde {sent}, erwartet ist GeoJSON, z. B. {{"type": "Point", "coordinates": [7.22, 51.54]}}.',
            '{sent} was sent, GeoJSON is expected, e.g. {{"type": "Point", "coordinates": [7.22, 51.54]}}.',
        ),
        "swapped": _text(
            "{sent} liegt weit weg; vertauscht läge es in Deutschland. GeoJSON nennt zuerst die Länge: [{swapped}].",
            "{sent} is far away; swapped it would be in Germany. GeoJSON has the longitude first: [{swapped}].",
        ),
        "too_few": _text(
            "Die Liste hat {actual} Einträge, nötig sind mindestens {least}. Leeres weglassen statt [] senden.",
            "The list has {actual} items, at least {least} are needed. Leave out what is empty instead of sending [].",
        ),
        "too_short": _text(
            "Der Text {sent} ist zu kurz: mindestens {least} Zeichen.",
            "The text {sent} is too short: at least {least} characters.",
        ),
        "twice": _text(
            "In der Liste {sent} steht etwas doppelt; jeder Eintrag ist nur einmal erlaubt.",
            "The list {sent} has something twice; each item is allowed once.",
        ),
        "invalid": _text(
            "Gesendet wurde {sent}: {reason}.",
            "{sent} was sent: {reason}.",
        ),
        "as_text": _text(
            "Zahlen ohne Anführungszeichen senden: {value}.",
            "Send numbers without quotes: {value}.",
        ),
        "as_share": _text(
            "Das sieht nach Prozent aus: hier zählt der Anteil, also {value}.",
            "This looks like a percentage: here the share counts, thus {value}.",
        ),
        "perhaps": _text(
            "Gemeint ist vermutlich {value}.",
            "Probably {value} is meant.",
        ),
    }
)

GERMAN_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "28": "Kilogramm je Quadratmeter",
        "2N": "Dezibel",
        "A97": "Hektopascal",
        "AMP": "Ampere",
        "ANN": "Jahr",
        "BAR": "Bar",
        "C62": "Anteil von eins, 0 bis 1",
        "C79": "Kilovoltamperestunde",
        "CEL": "Grad Celsius",
        "CMT": "Zentimeter",
        "D10": "Siemens je Meter",
        "D44": "Var",
        "D46": "Voltampere",
        "D54": "Watt je Quadratmeter",
        "DBM": "Dezibel Milliwatt",
        "DD": "Winkelgrad",
        "GP": "Milligramm je Kubikmeter",
        "GQ": "Mikrogramm je Kubikmeter",
        "HTZ": "Hertz",
        "K3": "Kilovarstunde",
        "KGM": "Kilogramm",
        "KMH": "Kilometer je Stunde",
        "KMT": "Kilometer",
        "KPA": "Kilopascal",
        "KVR": "Kilovar",
        "KWH": "Kilowattstunde",
        "KWT": "Kilowatt",
        "LTR": "Liter",
        "LUX": "Lux",
        "M1": "Milligramm je Liter",
        "MMT": "Millimeter",
        "MQH": "Kubikmeter je Stunde",
        "MQS": "Kubikmeter je Sekunde",
        "MTK": "Quadratmeter",
        "MTQ": "Kubikmeter",
        "MTR": "Meter",
        "MTS": "Meter je Sekunde",
        "P1": "Prozent",
        "SEC": "Sekunde",
        "VLT": "Volt",
        "WTT": "Watt",
    }
)
"""As `data_models.units.CODES`, in German."""
