"""What a product's NGSI-LD endpoint offers: of the broker's operations those that read, and subscriptions."""

from collections.abc import Mapping

from context_broker.app import ROUTES
from context_broker.http.routes import Handler, Route, RouteTable
from datenbroker.gateway.products import entities, subscriptions, temporal
from datenbroker.gateway.products.discovery import DISCOVERY
from datenbroker.gateway.products.visit import Visit

ANSWERS: Mapping[tuple[str, str], Handler[Visit]] = {
    ("GET", "/entities"): entities.query_entities,
    ("GET", "/entities/{}"): entities.retrieve_entity,
    ("POST", "/entityOperations/query"): entities.query_by_post,
    ("GET", "/types"): DISCOVERY.list_types,
    ("GET", "/types/{}"): DISCOVERY.describe_type,
    ("GET", "/attributes"): DISCOVERY.list_attributes,
    ("GET", "/attributes/{}"): DISCOVERY.describe_attribute,
    ("POST", "/subscriptions"): subscriptions.create_subscription,
    ("GET", "/subscriptions"): subscriptions.query_subscriptions,
    ("GET", "/subscriptions/{}"): subscriptions.retrieve_subscription,
    ("PATCH", "/subscriptions/{}"): subscriptions.update_subscription,
    ("DELETE", "/subscriptions/{}"): subscriptions.delete_subscription,
}
"""Who answers which of the broker's operations; parameters and options are the broker's own."""

HISTORY = (
    Route("GET", "/temporal/entities", "6.18.3.2", temporal.query_history, temporal.QUERY, temporal.OPTIONS),
    Route("GET", "/temporal/entities/{}", "6.19.3.1", temporal.retrieve_history, temporal.RETRIEVE, temporal.OPTIONS),
    Route(
        "POST",
        "/temporal/entityOperations/query",
        "6.24.3.1",
        temporal.query_history_by_post,
        temporal.POSTED,
        temporal.OPTIONS,
    ),
)

TABLE = RouteTable[Visit](
    (
        *(route.answered_by(ANSWERS[place]) for route in ROUTES if (place := (route.method, route.path)) in ANSWERS),
        *HISTORY,
    )
)
