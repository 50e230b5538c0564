"""Why a message, or one field of it, is no good."""


class Refused(Exception):
    """`kind` is one word for the metrics, `reason` says what is wrong with which value: both as in `Rejected`."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason
