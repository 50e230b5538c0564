"""How messages reach the agent. Each transport calls `accept` and acknowledges a message only after it returned."""

from collections.abc import Awaitable, Callable

Accept = Callable[[str, bytes], Awaitable[None]]
"""`Agent.accept`: topic and payload; returns when the message is done with for good."""
