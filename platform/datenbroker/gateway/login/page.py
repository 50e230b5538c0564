"""What a person reads whose login or logout did not work, in German or English; programs get the problem as JSON."""

from base64 import b64encode
from collections.abc import Callable, Coroutine
from hashlib import sha256
from html import escape
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute

from datenbroker.gateway.frame import PROBLEM
from datenbroker.gateway.problems import GatewayProblem
from datenbroker.process.logs import request_id


class Words(NamedTuple):
    """A heading, and what to do."""

    heading: str
    advice: str


WORDS: dict[str, dict[str, Words]] = {
    "de": {
        "/login 400": Words("Diese Adresse führt nicht zur Anmeldung", "Bitte öffnen Sie die Anmeldung von vorn."),
        "/login 503": Words(
            "Die Anmeldung ist gerade nicht möglich",
            "Der Anmeldedienst antwortet nicht. Bitte versuchen Sie es in einer Minute noch einmal.",
        ),
        "/callback 400": Words(
            "Die Anmeldung ist nicht gelungen",
            "Sie hat zu lange gedauert, wurde abgebrochen oder in einem anderen Browser begonnen. "
            "Bitte melden Sie sich noch einmal an.",
        ),
        "/callback 403": Words(
            "Sie haben hier noch keinen Zugang",
            "Ihr Konto gilt, hat im Datenbroker aber keine Rolle oder keine Organisation. "
            "Bitte wenden Sie sich an die Datenverantwortlichen Ihrer Organisation.",
        ),
        "/logout 403": Words(
            "Sie wurden nicht abgemeldet", "Bitte melden Sie sich auf einer Seite des Datenbrokers ab."
        ),
        "/logout 404": Words("Sie sind nicht angemeldet", "Es gibt nichts abzumelden."),
    },
    "en": {
        "/login 400": Words("This address does not lead to the login", "Please open the login anew."),
        "/login 503": Words(
            "Logging in is not possible right now",
            "The login service does not answer. Please try again in a minute.",
        ),
        "/callback 400": Words(
            "You are not logged in",
            "The login took too long, was broken off, or was begun in another browser. Please log in again.",
        ),
        "/callback 403": Words(
            "You have no access here yet",
            "Your account is good, but has no role or no organisation in the Datenbroker. "
            "Please ask the data stewards of your organisation.",
        ),
        "/logout 403": Words("You were not logged out", "Please log out on a page of the Datenbroker."),
        "/logout 404": Words("You are not logged in", "There is nothing to log out of."),
    },
}
SHORT = {"de": ("Erneut anmelden", "Startseite", "Meldung"), "en": ("Log in again", "Start page", "Message")}
STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:4rem auto;padding:0 1rem;color:#1b1b1b}"
    "a{color:#00549f}small{color:#555}"
)
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{heading} · Datenbroker</title>
<style>{style}</style></head>
<body><main><h1>{heading}</h1><p>{advice}</p>
<p><a href="/login">{again}</a> · <a href="/">{start}</a></p>
<p><small>{message}: {detail} ({request})</small></p></main></body>
</html>
"""
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "vary": "Accept, Accept-Language",
}


class ForPeople(APIRoute):
    """Answers a browser with a page where the route has raised a problem."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except GatewayProblem as problem:
                if "text/html" not in request.headers.get("accept", ""):
                    raise
                request.scope[PROBLEM] = str(problem)
                return page_of(problem, request)

        return answer


def page_of(problem: GatewayProblem, request: Request) -> HTMLResponse:
    """German where the browser does not prefer English."""
    language = _language(request.headers.get("accept-language", ""))
    same = "/login" if request.url.path == "/callback" else request.url.path
    known = WORDS[language]
    words = known.get(f"{request.url.path} {problem.status}") or known.get(f"{same} {problem.status}")
    heading, advice = words or (problem.title, "")
    again, start, message = SHORT[language]
    text = PAGE.format(
        language=language,
        style=STYLE,
        heading=escape(heading),
        advice=escape(advice),
        again=again,
        start=start,
        message=message,
        detail=escape(str(problem)),
        request=escape(request_id.get() or "-"),
    )
    own = {name.decode(): value.decode() for name, value in problem.headers}
    return HTMLResponse(text, problem.status, HEADERS | own)


def _language(accepted: str) -> str:
    """By the order in which a browser names its languages, which is that of its user's liking."""
    for one in accepted.split(","):
        name = one.partition(";")[0].strip().lower()[:2]
        if name in WORDS:
            return name
    return "de"
