"""In which form somebody wants the catalogue: by the path's ending, `?format=`, or Accept."""

from typing import NamedTuple

from datenbroker.catalogue.pages.texts import Language
from datenbroker.gateway.problems import BadRequest, GatewayProblem, NotFound

HTML = "html"


class Form(NamedTuple):
    """A form of RDF: rdflib's name of it, and its media type."""

    serializer: str
    media_type: str


FORMS = {
    "ttl": Form("turtle", "text/turtle"),
    "jsonld": Form("json-ld", "application/ld+json"),
    "rdf": Form("xml", "application/rdf+xml"),
}
NAMES = {"turtle": "ttl", "json-ld": "jsonld", "xml": "rdf", HTML: HTML} | {ending: ending for ending in FORMS}
MEDIA_TYPES = {
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
    "application/rdf+xml": "rdf",
    "application/xml": "rdf",
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "text/*": "ttl",
    "*/*": "ttl",
}
"""What answers which type of Accept; who takes anything is a machine, browsers name text/html."""


class NotAcceptable(GatewayProblem):
    status, title = 406, "Not Acceptable"


def chosen(ending: str | None, named: str | None, accept: str) -> str:
    """The key of `FORMS`, or `html`."""
    if ending is not None:
        if ending not in NAMES:
            raise NotFound(
                f"There is no .{ending:.20} of the catalogue: there are {', '.join(f'.{one}' for one in FORMS)}."
            )
        return NAMES[ending]
    if named is not None:
        if named not in NAMES:
            raise BadRequest(f"format={named:.40} is not known: choose one of {', '.join(NAMES)}.")
        return NAMES[named]
    for media_type, quality in _by_liking(accept or "*/*"):
        if quality > 0 and media_type in MEDIA_TYPES:
            return MEDIA_TYPES[media_type]
    raise NotAcceptable(
        f"The catalogue is there as text/html and as {', '.join(f.media_type for f in FORMS.values())}."
    )


def liked_best(accept: str) -> str:
    """The media type that is wanted more than others, the first of several; empty where none is named."""
    return next((media_type for media_type, quality in _by_liking(accept) if quality > 0), "")


def language(asked: str | None, accept: str) -> Language:
    """`de` or `en`: as asked by `?lang=`, else the one that the browser likes better; German where it likes neither."""
    if asked in ("de", "en"):
        return "de" if asked == "de" else "en"
    liked = {tag[:2]: quality for tag, quality in reversed(_ranges(accept))}
    return "en" if liked.get("en", 0) > liked.get("de", 0) else "de"


def _by_liking(accept: str) -> list[tuple[str, float]]:
    return sorted(_ranges(accept), key=lambda one: -one[1])


def _ranges(header: str) -> list[tuple[str, float]]:
    """The parts of an Accept header with their q, in their order; what can't be read counts for nothing."""
    found = []
    for part in header[:2000].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            found.append((name, float(quality)))
        except ValueError:
            found.append((name, 0.0))
    return found
