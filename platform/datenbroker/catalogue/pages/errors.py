"""What a person reads where there is no page: what happened and what to do, in German and English."""

from typing import NamedTuple

from datenbroker.catalogue.pages.texts import Language


class Words(NamedTuple):
    """A heading, and what to do."""

    heading: str
    advice: str


_AGAIN = ("Bitte versuchen Sie es in einer Minute noch einmal.", "Please try again in a minute.")

_BY_STATUS: dict[int, tuple[Words, Words]] = {
    400: (
        Words("Diese Anfrage ist nicht richtig gestellt", "Bitte prüfen Sie die Adresse oder Ihre Angaben."),
        Words("This request is not right", "Please check the address or what you have entered."),
    ),
    401: (
        Words("Dafür müssen Sie angemeldet sein", "Diese Seite sehen nur Mitarbeitende mit einem Zugang."),
        Words("You need to be logged in for this", "Only people who have been given access see this page."),
    ),
    403: (
        Words(
            "Das ist Ihnen nicht erlaubt",
            "Wenden Sie sich an die Datenverantwortlichen Ihrer Organisation, wenn Sie Zugang brauchen.",
        ),
        Words("You are not allowed to do this", "If you need access, ask the data stewards of your organisation."),
    ),
    404: (
        Words(
            "Diese Seite gibt es nicht",
            "Vielleicht ist die Adresse falsch geschrieben, oder was dort war, ist umgezogen.",
        ),
        Words("There is no such page", "The address may be misspelt, or what was there has moved."),
    ),
    406: (
        Words("In dieser Form gibt es die Seite nicht", "Im Datenkatalog finden Sie, welche Formen es gibt."),
        Words("The page is not there in this form", "The data catalogue shows which forms there are."),
    ),
    409: (
        Words("Das geht jetzt nicht", "Inzwischen hat sich etwas geändert. Laden Sie die vorige Seite neu."),
        Words("This is not possible now", "Something has changed meanwhile. Load the page before anew."),
    ),
    410: (
        Words(
            "Dieses Datenprodukt gibt es nicht mehr",
            "Sein Anbieter hat es eingestellt; es wird nicht mehr aktualisiert und nicht mehr ausgeliefert.",
        ),
        Words(
            "This data product is no more", "Its owner has retired it; it is neither updated nor delivered any more."
        ),
    ),
    429: (
        Words(
            "Zu viele Anfragen", "Von Ihrem Anschluss kamen in kurzer Zeit sehr viele Anfragen. Bitte warten Sie kurz."
        ),
        Words("Too many requests", "Very many requests came from your connection in a short time. Please wait a bit."),
    ),
    500: (
        Words(
            "Hier ist etwas schiefgegangen",
            "Der Fehler liegt bei uns und wurde aufgezeichnet. Wenn Sie ihn melden, nennen Sie die Kennung unten.",
        ),
        Words(
            "Something went wrong here",
            "The fault is ours and has been recorded. If you report it, please tell the request id below.",
        ),
    ),
    503: (
        Words("Gerade nicht erreichbar", f"Ein Teil der Datenplattform antwortet nicht. {_AGAIN[0]}"),
        Words("Not available right now", f"A part of the data platform does not answer. {_AGAIN[1]}"),
    ),
}

_AT: dict[str, tuple[Words, Words]] = {
    "/login 400": (
        Words("Diese Adresse führt nicht zur Anmeldung", "Bitte öffnen Sie die Anmeldung von vorn."),
        Words("This address does not lead to the login", "Please open the login anew."),
    ),
    "/login 404": (
        Words(
            "Eine Anmeldung ist hier nicht eingerichtet",
            "Offene Daten finden Sie ohne Anmeldung im Datenkatalog; Programme nutzen einen Schlüssel.",
        ),
        Words(
            "No login has been set up here",
            "Open data are in the data catalogue without a login; programs use a key.",
        ),
    ),
    "/login 503": (
        Words("Die Anmeldung ist gerade nicht möglich", f"Der Anmeldedienst antwortet nicht. {_AGAIN[0]}"),
        Words("Logging in is not possible right now", f"The login service does not answer. {_AGAIN[1]}"),
    ),
    "/callback 400": (
        Words(
            "Die Anmeldung ist nicht gelungen",
            "Sie hat zu lange gedauert, wurde abgebrochen oder in einem anderen Browser begonnen. "
            "Bitte melden Sie sich noch einmal an.",
        ),
        Words(
            "You are not logged in",
            "The login took too long, was broken off, or was begun in another browser. Please log in again.",
        ),
    ),
    "/callback 403": (
        Words(
            "Sie haben hier noch keinen Zugang",
            "Ihr Konto gilt, hat im Datenbroker aber keine Rolle oder keine Organisation. "
            "Bitte wenden Sie sich an die Datenverantwortlichen Ihrer Organisation.",
        ),
        Words(
            "You have no access here yet",
            "Your account is good, but has no role or no organisation in the Datenbroker. "
            "Please ask the data stewards of your organisation.",
        ),
    ),
    "/logout 403": (
        Words("Sie wurden nicht abgemeldet", "Bitte melden Sie sich auf einer Seite des Datenbrokers ab."),
        Words("You were not logged out", "Please log out on a page of the Datenbroker."),
    ),
    "/logout 404": (
        Words("Sie sind nicht angemeldet", "Es gibt nichts abzumelden."),
        Words("You are not logged in", "There is nothing to log out of."),
    ),
}
_AT["/callback 503"] = _AT["/login 503"]
_AT["/callback 404"] = _AT["/login 404"]


def words_of(path: str, status: int, language: Language) -> Words:
    """Of the login's pages their own words; of a status without any those of its hundred."""
    known = _AT.get(f"{path} {status}") or _BY_STATUS.get(status) or _BY_STATUS[500 if status >= 500 else 400]
    return known[language == "en"]
