"""What all pages have around them: the site's name, the other language, who has logged in and where to log in."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.types import Scope

from datenbroker.catalogue.entry import Publication
from datenbroker.catalogue.pages import render
from datenbroker.catalogue.pages.texts import Language
from datenbroker.gateway.authentication import CALLER
from datenbroker.gateway.catalogue.negotiation import language
from datenbroker.identities.roles import Caller, Right

LONGEST_NEXT = 500
"""Bytes of an address to which the login leads back; it travels in a cookie."""
NAMELESS = Publication(base="", title="Datenbroker", title_en="Datenbroker", publisher="", municipality="")
"""Of a gateway without a catalogue."""
LOGIN_PATHS = frozenset({"/login", "/callback", "/logout"})


@dataclass(frozen=True, slots=True)
class Site:
    """Whose pages they are. `provider` is the origin of the OpenID provider; None where nobody can log in."""

    publication: Publication
    provider: str | None = None

    @property
    def policy(self) -> str:
        """Nothing is loaded but the style sheet; forms go here, and when logging out on to the provider."""
        forms = f"'self' {self.provider}" if self.provider else "'self'"
        return (
            f"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action {forms}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )

    def page(self, template: str, scope: Scope, **values: Any) -> str:
        chosen = language_of(scope)
        return render.page(
            template,
            chosen,
            site=self.publication.title if chosen == "de" else self.publication.title_en,
            publisher=self.publication.publisher,
            other_language=_in_other_language(scope, chosen),
            login=self._login(scope),
            person=_person(scope),
            surveys=may_survey(scope.get(CALLER)),
            **values,
        )

    def _login(self, scope: Scope) -> str | None:
        """Where to log in, and come back to this page; None where it makes no sense."""
        if self.provider is None or scope.get(CALLER) is not None:
            return None
        path = "/catalog" if scope["path"] in LOGIN_PATHS or scope["method"] == "POST" else scope["path"]
        query = scope["query_string"] if path == scope["path"] else b""
        address = quote(path) + ("?" + query.decode("latin-1") if query else "")
        return "/login?" + urlencode({"next": address if len(address) <= LONGEST_NEXT else path[:LONGEST_NEXT]})


def language_of(scope: Scope) -> Language:
    """As asked by `?lang=`, else as the browser likes."""
    headers = dict(scope["headers"])
    asked = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("lang")
    return language(asked, headers.get(b"accept-language", b"").decode("latin-1"))


def may_survey(caller: Caller | None) -> bool:
    """Whether the data inventory is for the caller: data stewards, auditors and administrators."""
    if caller is None or not caller.tenant_wide:
        return False
    return bool(caller.rights & (Right.RELEASE | Right.INSPECT | Right.ADMINISTER))


def _person(scope: Scope) -> str | None:
    """Who has logged in with this browser."""
    caller: Caller | None = scope.get(CALLER)
    return caller.name if caller is not None and caller.kind == "login" else None


def _in_other_language(scope: Scope, chosen: Language) -> str | None:
    """None for the answer to a form, which cannot be asked for again."""
    if scope["method"] not in ("GET", "HEAD"):
        return None
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = [(name, value) for name, value in pairs if name != "lang"]
    return "?" + urlencode([*query, ("lang", "en" if chosen == "de" else "de")])
