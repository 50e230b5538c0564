"""The bounds of what the agents hold, send and retry."""

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Message size in bytes, entities in one request, readings under way; all times in seconds.

    A reading that finds no request under way goes at once. Only while many come, fewer than `few_readings` wait
    `linger` for more: a request costs much more than a reading in it. A broker that does not answer is asked again
    after `first_pause`, then ever later up to `longest_pause`; from `spool_after` on readings go to the spool, where
    there is one. `shared`: other agents write the same entities.
    """

    message_bytes: int = 256 * 1024
    batch_entities: int = 500
    pending_readings: int = 10_000
    few_readings: int = 50
    linger: float = 0.004
    first_pause: float = 0.1
    longest_pause: float = 5.0
    spool_after: float = 5.0
    shared: bool = False
