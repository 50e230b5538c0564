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

HVD = "http://data.europa.eu/bna/"
HVD_LAW = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
"""Regulation (EU) 2023/138: which datasets of public bodies are of high value."""

HVD_CATEGORIES = {
    "c_60182062": {"de": "Gebäude", "en": "Buildings"},
    "c_c3de25e4": {"de": "Adressen", "en": "Addresses"},
    "c_9427236f": {"de": "Verwaltungseinheiten", "en": "Administrative units"},
    "c_6c2bb82d": {"de": "Geografische Bezeichnungen", "en": "Geographical names"},
    "c_6a3f6896": {"de": "Flurstücke", "en": "Cadastral parcels"},
    "c_63b37dd4": {"de": "Luft", "en": "Air"},
    "c_e4358335": {"de": "Lärm", "en": "Noise"},
    "c_38933a65": {"de": "Abfall", "en": "Waste"},
    "c_43f88346": {"de": "Wasser", "en": "Water"},
    "c_06b1eec4": {"de": "Gewässernetz", "en": "Hydrography"},
    "c_4ba9548e": {"de": "Emissionen", "en": "Emissions"},
    "c_59e64dd4": {"de": "Klima", "en": "Climate"},
    "c_87a129d9": {"de": "Boden", "en": "Soil"},
    "c_ad9ae929": {"de": "Bodennutzung", "en": "Land use"},
    "c_b21e1296": {"de": "Bodenbedeckung", "en": "Land cover"},
    "c_315692ad": {"de": "Höhe", "en": "Elevation"},
    "c_91185a85": {"de": "Orthofotos", "en": "Orthoimagery"},
    "c_83aa10a6": {"de": "Schutzgebiete", "en": "Protected sites"},
    "c_63be22bd": {"de": "Gebiete mit naturbedingten Risiken", "en": "Natural risk zones"},
    "c_7b8fbb64": {"de": "Umweltüberwachung", "en": "Environmental monitoring facilities"},
    "c_b7de66cd": {"de": "Energiequellen", "en": "Energy resources"},
    "c_3af3368c": {"de": "Messungen von Wetterstationen", "en": "Observations measured by weather stations"},
    "c_4b74ea13": {"de": "Verkehrsnetze", "en": "Transport networks"},
    "c_f2b50efd": {"de": "Bevölkerung", "en": "Population"},
    "c_fd4e881c": {"de": "Arbeitslosigkeit", "en": "Unemployment"},
}
"""Those that a city has data of, at the finest level; the EU's whole list is http://data.europa.eu/bna/asd487ae75."""

HVD_LICENCES = frozenset({"cc-by/4.0", "cc-zero", "ccpdm/1.0", "dl-by-de/2.0", "dl-zero-de/2.0", "officialWork"})
"""CC BY 4.0 or what asks for no more of whoever uses the data (article 4 of the regulation)."""

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
