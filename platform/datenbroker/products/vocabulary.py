"""The codes that a product may carry: licences of DCAT-AP.de and themes of the EU's vocabulary, in one place."""

LICENCES = "http://dcat-ap.de/def/licenses/"
THEMES = "http://publications.europa.eu/resource/authority/data-theme/"

OPEN_LICENCES = frozenset(
    {
        "dl-by-de/2.0",
        "dl-zero-de/2.0",
        "cc-by/4.0",
        "cc-by-sa/4.0",
        "cc-zero",
        "ccpdm/1.0",
        "odbl",
        "odby",
        "odcpddl",
        "geonutz/20130319",
        "geoNutz/20131001",
        "officialWork",
        "other-open",
    }
)
"""What an open product may carry."""

CLOSED_LICENCES = frozenset(
    {"cc-by-nd/4.0", "cc-by-nc/4.0", "dl-by-nc-de/1.0", "other-closed", "other-commercial", "other-freeware"}
)

THEME_NAMES = {
    "AGRI": {"de": "Landwirtschaft, Fischerei, Forstwirtschaft", "en": "Agriculture, fisheries, forestry"},
    "ECON": {"de": "Wirtschaft und Finanzen", "en": "Economy and finance"},
    "EDUC": {"de": "Bildung, Kultur und Sport", "en": "Education, culture and sport"},
    "ENER": {"de": "Energie", "en": "Energy"},
    "ENVI": {"de": "Umwelt", "en": "Environment"},
    "GOVE": {"de": "Regierung und öffentlicher Sektor", "en": "Government and public sector"},
    "HEAL": {"de": "Gesundheit", "en": "Health"},
    "INTR": {"de": "Internationale Themen", "en": "International issues"},
    "JUST": {"de": "Justiz, Rechtssystem, öffentliche Sicherheit", "en": "Justice, legal system, public safety"},
    "REGI": {"de": "Regionen und Städte", "en": "Regions and cities"},
    "SOCI": {"de": "Bevölkerung und Gesellschaft", "en": "Population and society"},
    "TECH": {"de": "Wissenschaft und Technologie", "en": "Science and technology"},
    "TRAN": {"de": "Verkehr", "en": "Transport"},
}
