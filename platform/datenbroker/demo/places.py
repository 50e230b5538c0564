"""Herne: the four districts and real streets in them, placed to about a hundred metres, and the LoRaWAN gateways."""

from dataclasses import dataclass
from math import cos, hypot, radians

METRES_PER_DEGREE = 111_320
TO_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "-", ",": ""})


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box in degrees (WGS 84)."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, latitude: float, longitude: float) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


CITY = Bounds(51.49, 7.11, 51.58, 7.31)

DISTRICTS = {
    "Wanne": Bounds(51.524, 7.118, 51.560, 7.196),
    "Eickel": Bounds(51.496, 7.118, 51.528, 7.200),
    "Mitte": Bounds(51.512, 7.196, 51.566, 7.247),
    "Sodingen": Bounds(51.512, 7.244, 51.564, 7.305),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A street or a spot of the city. `traffic` in 0..1 tells how busy it is at rush hour."""

    name: str
    district: str
    latitude: float
    longitude: float
    postal_code: str
    traffic: float = 0.4

    @property
    def slug(self) -> str:
        """The name in the letters that every identifier takes."""
        return self.name.lower().translate(TO_ASCII)

    def shifted(self, north: float, east: float) -> tuple[float, float]:
        """Latitude and longitude so many metres away, with six digits."""
        latitude = self.latitude + north / METRES_PER_DEGREE
        longitude = self.longitude + east / (METRES_PER_DEGREE * cos(radians(self.latitude)))
        return round(latitude, 6), round(longitude, 6)


STREETS = (
    Place("Bahnhofstraße", "Mitte", 51.5372, 7.2248, "44623", 0.7),
    Place("Robert-Brauner-Platz", "Mitte", 51.5388, 7.2257, "44623", 0.6),
    Place("Friedrich-Ebert-Platz", "Mitte", 51.5362, 7.2291, "44623", 0.5),
    Place("Westring", "Mitte", 51.5437, 7.2102, "44629", 0.9),
    Place("Bochumer Straße", "Mitte", 51.5275, 7.2226, "44625", 0.8),
    Place("Wiescherstraße", "Mitte", 51.5283, 7.2330, "44625", 0.5),
    Place("Bismarckstraße", "Mitte", 51.5478, 7.2168, "44629", 0.4),
    Place("Karl-Brandt-Weg", "Mitte", 51.5499, 7.2118, "44629", 0.2),
    Place("Straße des Bohrhammers", "Mitte", 51.5236, 7.2157, "44625", 0.3),
    Place("Roonstraße", "Mitte", 51.5513, 7.2239, "44629", 0.4),
    Place("Hauptstraße", "Wanne", 51.5338, 7.1618, "44649", 0.8),
    Place("Heinz-Rühmann-Platz", "Wanne", 51.5319, 7.1649, "44649", 0.6),
    Place("Buschmannshof", "Wanne", 51.5355, 7.1602, "44649", 0.6),
    Place("Dorstener Straße", "Wanne", 51.5412, 7.1745, "44653", 0.9),
    Place("Heerstraße", "Wanne", 51.5470, 7.1531, "44653", 0.5),
    Place("Unser-Fritz-Straße", "Wanne", 51.5437, 7.1392, "44653", 0.3),
    Place("Wilhelmstraße", "Wanne", 51.5345, 7.1571, "44649", 0.4),
    Place("Bickernstraße", "Wanne", 51.5398, 7.1497, "44649", 0.4),
    Place("Florastraße", "Wanne", 51.5374, 7.1445, "44649", 0.5),
    Place("Am Solbad", "Wanne", 51.5441, 7.1648, "44653", 0.2),
    Place("Eickeler Markt", "Eickel", 51.5201, 7.1671, "44651", 0.5),
    Place("Reichsstraße", "Eickel", 51.5216, 7.1707, "44651", 0.6),
    Place("Holsterhauser Straße", "Eickel", 51.5237, 7.1895, "44651", 0.8),
    Place("Burgstraße", "Eickel", 51.5180, 7.1722, "44651", 0.4),
    Place("Richard-Wagner-Straße", "Eickel", 51.5178, 7.1608, "44651", 0.4),
    Place("Gelsenkircher Straße", "Eickel", 51.5151, 7.1412, "44649", 0.8),
    Place("Edmund-Weber-Straße", "Eickel", 51.5118, 7.1450, "44649", 0.5),
    Place("Hordeler Straße", "Eickel", 51.5092, 7.1667, "44651", 0.5),
    Place("Königsgruber Straße", "Eickel", 51.5124, 7.1561, "44651", 0.3),
    Place("Rathausstraße", "Eickel", 51.5262, 7.1630, "44649", 0.5),
    Place("Mont-Cenis-Platz", "Sodingen", 51.5388, 7.2562, "44627", 0.4),
    Place("Mont-Cenis-Straße", "Sodingen", 51.5362, 7.2519, "44627", 0.7),
    Place("Castroper Straße", "Sodingen", 51.5448, 7.2571, "44628", 0.8),
    Place("Kurt-Edelhagen-Platz", "Sodingen", 51.5347, 7.2588, "44627", 0.4),
    Place("Am Revierpark", "Sodingen", 51.5254, 7.2475, "44627", 0.3),
    Place("Gerther Straße", "Sodingen", 51.5268, 7.2712, "44627", 0.6),
    Place("Kirchstraße", "Sodingen", 51.5330, 7.2815, "44627", 0.4),
    Place("Schadeburgstraße", "Sodingen", 51.5366, 7.2790, "44627", 0.3),
    Place("Baarestraße", "Sodingen", 51.5352, 7.2845, "44627", 0.2),
    Place("Widumer Straße", "Sodingen", 51.5411, 7.2745, "44627", 0.4),
)

WATERS = (
    Place("Emscher, Brücke Heerstraße", "Wanne", 51.5502, 7.1536, "44653"),
    Place("Rhein-Herne-Kanal, Schleuse Wanne-Eickel", "Wanne", 51.5478, 7.1627, "44653"),
    Place("Hüller Bach, Röhlinghausen", "Eickel", 51.5128, 7.1330, "44649"),
    Place("Dorneburger Mühlenbach, Eickel", "Eickel", 51.5224, 7.1788, "44651"),
    Place("Westbach, Strünkede", "Mitte", 51.5487, 7.2083, "44629"),
    Place("Ostbach, Gysenberger Wald", "Sodingen", 51.5239, 7.2498, "44627"),
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A LoRaWAN gateway on a roof; `eui` in lower-case hex, altitude in metres above sea level."""

    eui: str
    name: str
    latitude: float
    longitude: float
    altitude: float

    def metres_to(self, latitude: float, longitude: float) -> float:
        north = (latitude - self.latitude) * METRES_PER_DEGREE
        east = (longitude - self.longitude) * METRES_PER_DEGREE * cos(radians(self.latitude))
        return hypot(north, east)


GATEWAYS = (
    Gateway("0016c001f153a14c", "Rathaus Herne", 51.5362, 7.2294, 86.0),
    Gateway("0016c001f153a151", "Stadtwerke Herne, Grenzweg", 51.5345, 7.2035, 74.0),
    Gateway("0016c001f153a158", "Schloss Strünkede", 51.5497, 7.2116, 68.0),
    Gateway("0016c001f153a163", "Wanne-Eickel Hauptbahnhof", 51.5311, 7.1650, 72.0),
    Gateway("0016c001f153a16a", "Künstlerzeche Unser Fritz", 51.5446, 7.1380, 63.0),
    Gateway("0016c001f153a177", "St. Marien Eickel", 51.5197, 7.1680, 95.0),
    Gateway("0016c001f153a17e", "Röhlinghausen, Feuerwache", 51.5128, 7.1470, 70.0),
    Gateway("0016c001f153a185", "Akademie Mont-Cenis", 51.5390, 7.2556, 92.0),
    Gateway("0016c001f153a18d", "Gysenbergpark", 51.5256, 7.2461, 101.0),
    Gateway("0016c001f153a194", "Teutoburgia, Förderturm", 51.5341, 7.2807, 124.0),
)
