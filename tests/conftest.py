"""What all tests share: no socket leaves this machine, and the summary says which broker the MQTT tests ran against."""

import ipaddress
import sys

import pytest

from tests.iot_agents.brokers import MOSQUITTO


def _only_loopback(event: str, args: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = args[1]
    if isinstance(address, tuple) and not _is_local(str(address[0])):
        raise PermissionError(f"a test connects to {address[0]}: tests use this machine only")


def _is_local(host: str) -> bool:
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


sys.addaudithook(_only_loopback)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("MQTT broker")
    if MOSQUITTO is None:
        terminalreporter.line(
            "Mosquitto is not installed: the tests that want it ran against the embedded MQTT broker."
        )
    else:
        terminalreporter.line(f"The tests that want Mosquitto ran against {MOSQUITTO}.")
