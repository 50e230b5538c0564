"""schemathesis drives every route by the OpenAPI document: whatever a client sends, the answer is never a 5xx."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings

from context_broker.app import ContextBroker
from datenbroker.gateway.openapi import ngsi_ld_paths

DOCUMENT = {"openapi": "3.1.0", "info": {"title": "NGSI-LD", "version": "1.9"}, "paths": ngsi_ld_paths()}
schema = schemathesis.openapi.from_dict(DOCUMENT)
EXAMPLES = 12
OFFERED_5XX = {501, 504}
"""A part that is not offered, and a remote @context that can't be had."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = uvicorn.Config(ContextBroker(tmp_path_factory.mktemp("broker")), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_is_answered_with_an_error_of_the_server(case: schemathesis.Case[Any], url: str) -> None:
    response = case.call(base_url=url, timeout=20)
    assert response.status_code < 500 or response.status_code in OFFERED_5XX, response.text
