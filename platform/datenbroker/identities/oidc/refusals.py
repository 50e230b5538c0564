"""Why a token or a login opens nothing."""


class TokenRefused(Exception):
    """The token is not good here; the message says why."""


class NotOfTheKonzern(Exception):
    """The token is genuine, but its bearer has nothing to do here; the message says what is missing."""


class ProviderAway(Exception):
    """The provider cannot be asked, and what is needed of it is not known from before."""
