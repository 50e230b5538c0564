"""What was answered: kept as it is at first, and told to the metrics, the usage and the access log some at a time.

Many in a row cost a fraction of what each costs alone between two requests.
"""

import asyncio
import logging
from collections.abc import Callable

from datenbroker.gateway.limits.usage import Usage
from datenbroker.identities.roles import Caller
from datenbroker.process.logs import ACCESS, Answered

access_log = logging.getLogger(ACCESS)

TOGETHER_SECONDS = 0.1
AT_ONCE = 250
"""Answers after which it is told sooner, so that telling holds no request up for more than a millisecond or two."""

Answer = tuple[str, str, bytes, str, int, float, float, str, Caller | None, str | None, bool]
"""Method, path, path as it came, address; status, seconds, when (s since 1970), id; caller, product, whether it was a
machine that looks every few seconds, whose log lines would hide the others."""


class Journal:
    """Tells by itself within a tenth of a second, and when the usage is written, also at the end."""

    def __init__(self, measure: Callable[[str, str, int, float], None], usage: Usage | None) -> None:
        self._measure, self._usage = measure, usage
        self._answers: list[Answer] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        if usage is not None:
            usage.before_flush = self.tell

    def note(self, answer: Answer) -> None:
        self._answers.append(answer)
        if len(self._answers) >= AT_ONCE or answer[4] >= 500:
            self.tell()
        elif self._loop is None or self._loop.is_closed():
            self._loop = asyncio.get_running_loop()
            self._loop.call_later(TOGETHER_SECONDS, self._on_time)

    def _on_time(self) -> None:
        self._loop = None
        self.tell()

    def tell(self) -> None:
        """Tell what was noted since."""
        answers, self._answers = self._answers, []
        for answer in answers:
            method, path, raw_path, origin, status, seconds, at, request_id, caller, product, observing = answer
            self._measure(path, method, status, seconds)
            if self._usage is not None and not observing:
                organisation = None if caller is None else caller.organisation or "platform"
                self._usage.count(organisation, product or "", method, status)
            level = logging.DEBUG if observing else logging.INFO
            if access_log.isEnabledFor(level):
                # the path still escaped: a decoded one could bring line breaks into the log
                name, tenant = (caller.name, caller.tenant) if caller else (None, None)
                facts = (method, raw_path, status, seconds, origin, name, tenant, product)
                access_log.handle(Answered(level, facts, request_id, at))
