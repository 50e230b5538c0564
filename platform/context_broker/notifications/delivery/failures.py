"""Why a notification was not taken."""


class DeliveryFailed(Exception):
    """One attempt failed. `is_final`: the subscriber refused it, so trying again is of no use."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
