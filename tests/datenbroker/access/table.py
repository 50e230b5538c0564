"""Who gets what answer where. Each route of the gateway has a row; a test asks every cell.

Columns: the six roles of the organisation that the thing belongs to (admin, steward, provider, consumer, gateway of
devices, auditor), `other`: another organisation's steward and provider, `none`: nobody known.

Cells: `+` let through to what is behind (which may have no history: 501), `-` 403, `.` 404 (as if it were not
there), `!` 401.
"""

from typing import NamedTuple

COLUMNS = ("admin", "steward", "provider", "consumer", "gateway", "auditor", "other", "none")


class Row(NamedTuple):
    method: str
    path: str
    cells: tuple[str, ...]


def rows(text: str) -> list[Row]:
    lines = [line.split() for line in text.strip().splitlines() if not line.startswith("#")]
    return [Row(method, path, tuple(cells)) for method, path, *cells in lines]


CITY = rows("""
# in /ngsi-ld `other` names the organisation's tenant by header; where ids are made up, all who may look get `.`
POST   /ngsi-ld/v1/entities                             + - + - + - - !
GET    /ngsi-ld/v1/entities                             + + + + - - - !
DELETE /ngsi-ld/v1/entities                             + - + - + - - !
GET    /ngsi-ld/v1/entities/{entityId}                  + + + + - - - !
DELETE /ngsi-ld/v1/entities/{entityId}                  + - + - + - - !
PUT    /ngsi-ld/v1/entities/{entityId}                  + - + - + - - !
PATCH  /ngsi-ld/v1/entities/{entityId}                  + - + - + - - !
POST   /ngsi-ld/v1/entities/{entityId}/attrs            + - + - + - - !
PATCH  /ngsi-ld/v1/entities/{entityId}/attrs            + - + - + - - !
PATCH  /ngsi-ld/v1/entities/{entityId}/attrs/{attrId}   + - + - + - - !
DELETE /ngsi-ld/v1/entities/{entityId}/attrs/{attrId}   + - + - + - - !
PUT    /ngsi-ld/v1/entities/{entityId}/attrs/{attrId}   + - + - + - - !
POST   /ngsi-ld/v1/entityOperations/create              + - + - + - - !
POST   /ngsi-ld/v1/entityOperations/upsert              + - + - + - - !
POST   /ngsi-ld/v1/entityOperations/update              + - + - + - - !
POST   /ngsi-ld/v1/entityOperations/delete              + - + - + - - !
POST   /ngsi-ld/v1/entityOperations/merge               + - + - + - - !
POST   /ngsi-ld/v1/entityOperations/query               + + + + - - - !
GET    /ngsi-ld/v1/types                                + + + + - - - !
GET    /ngsi-ld/v1/types/{type}                         + + + + - - - !
GET    /ngsi-ld/v1/attributes                           + + + + - - - !
GET    /ngsi-ld/v1/attributes/{attrId}                  + + + + - - - !
POST   /ngsi-ld/v1/subscriptions                        + + + + - - - !
GET    /ngsi-ld/v1/subscriptions                        + + + + - - - !
GET    /ngsi-ld/v1/subscriptions/{subscriptionId}       + + + + - - - !
PATCH  /ngsi-ld/v1/subscriptions/{subscriptionId}       + + + + - - - !
DELETE /ngsi-ld/v1/subscriptions/{subscriptionId}       + + + + - - - !
POST   /ngsi-ld/v1/jsonldContexts                       + - + - + - - !
GET    /ngsi-ld/v1/jsonldContexts                       + + + + - - - !
GET    /ngsi-ld/v1/jsonldContexts/{contextId}           + + + + - - - !
DELETE /ngsi-ld/v1/jsonldContexts/{contextId}           + - - - - - - !
GET    /ngsi-ld/v1/info/sourceIdentity                  + + + + - - - !
GET    /admin/tenants                                   + - - - - + - !
PUT    /admin/tenants/{tenant}                          + - - - - - - !
DELETE /admin/tenants/{tenant}                          + - - - - - - !
DELETE /admin/contexts                                  + - - - - - - !
GET    /admin/organisations                             + - - - - + - !
POST   /admin/organisations                             + - - - - - - !
DELETE /admin/organisations/{organisation_id}           + - - - - - - !
GET    /admin/keys                                      + + - - - + + !
POST   /admin/keys                                      + + - - - - - !
POST   /admin/keys/{prefix}/rotate                      + + - - - - . !
DELETE /admin/keys/{prefix}                             + + - - - - . !
GET    /admin/audit                                     + - - - - + - !
GET    /admin/audit/verify                              + - - - - + - !
GET    /admin/audit/export                              + - - - - + - !
GET    /admin/usage                                     + + - - - + + !
GET    /admin/rejects                                   + - - - - + - !
POST   /devices/imports                                 + - + - + - + !
GET    /devices/imports                                 + - + - + + + !
DELETE /devices/imports/{import_id}                     + - + - + - . !
GET    /devices/export                                  + - + - + + + !
GET    /device-profiles                                 + - + - + + + !
GET    /device-profiles/{profile_id}                    . - . - . . . !
GET    /commands                                        + - + - + + + !
GET    /devices/{device_id}/commands                    + - + - + + . !
POST   /devices/{device_id}/commands                    + - + - + - . !
DELETE /devices/{device_id}/commands                    + - + - + - . !
GET    /devices/{device_id}/commands/{command_id}       . - . - . . . !
DELETE /devices/{device_id}/commands/{command_id}       . - . - . - . !
GET    /devices/{device_id}/frames                      + - + - + + . !
GET    /devices                                         + - + - + + + !
POST   /devices                                         + - + - + - - !
GET    /devices/{device_id}                             + - + - + + . !
PUT    /devices/{device_id}                             + - + - + - . !
DELETE /devices/{device_id}                             + - + - + - . !
GET    /deadletters                                     + - + - + + + !
GET    /deadletters/export                              + - + - + + + !
GET    /deadletters/{letter_id}                         + - + - + + . !
PATCH  /deadletters/{letter_id}                         + - + - + - . !
DELETE /deadletters/{letter_id}                         + - + - + - . !
POST   /deadletters/replay                              + - + - + - + !
POST   /deadletters/{letter_id}/replay                  + - + - + - . !
GET    /health/live                                     + + + + + + + +
GET    /health/ready                                    + + + + + + + +
GET    /metrics                                         + + + + + + + +
GET    /contexts                                        + + + + + + + +
GET    /contexts/{name}                                 . . . . . . . .
GET    /me                                              + + + + + + + !
""")

PRODUCTS = rows("""
# a draft of the organisation's; what is released, granted or open the products' own tests ask
GET    /products                                        + + + + + + + +
POST   /products                                        + + + - - - + !
GET    /products/{slug}                                 + + + + + + . .
PUT    /products/{slug}                                 + + + - - - . !
DELETE /products/{slug}                                 + + + - - - . !
POST   /products/{slug}/transitions                     + + + - - - . !
POST   /products/{slug}/grants                          + + + + - - . !
GET    /products/{slug}/grants                          + + + + + + + !
GET    /grants                                          + + + + + + + !
# a grant that the buses have asked for: `other` is a stranger to both
GET    /grants/{grant_id}                               + + + + + + . !
POST   /grants/{grant_id}/decision                      + + - - - - . !
POST   /grants/{grant_id}/withdrawal                    + - - - - - . !
# the catalogue shows everybody what /products shows them
GET    /catalog                                         + + + + + + + +
GET    /catalog.{ending}                                + + + + + + + +
GET    /catalog/{slug}                                  + + + + + + . .
GET    /catalog/{slug}/quality                          + + + + + + . .
POST   /catalog/{slug}/quality                          + + + - - - . !
POST   /catalog/{slug}/grants                           + + + + - - . !
GET    /inventory                                       + + - - - + + !
""")

OF_A_PRODUCT = """\
{method} /products/mine/{path}      + + + + - - - .
{method} /products/granted/{path}   + + + + - - - .
{method} /products/asked/{path}     + - - - - - - .
{method} /products/open/{path}      + + + + + + + +
{method} /products/draft/{path}     + . . . . . . .
"""
"""Each endpoint of a product: `mine` is the organisation's own, the others another one's: granted to it, to be asked
for, open, not released. `other` is neither an owner nor granted anything."""

NO_ENTITY = OF_A_PRODUCT.replace("+", ".")
"""The same of an entity that the product does not show."""

SUBSCRIBING = OF_A_PRODUCT.replace("+ + + + + + + +", "+ + + + - - + !")
"""A subscription has a maker, at open products too."""

A_SUBSCRIPTION = """\
{method} /products/mine/{path}/{mine}       . . . + - - - .
{method} /products/granted/{path}/{granted} . . . + - - - .
{method} /products/asked/{path}/urn:x:1     . - - - - - - .
{method} /products/open/{path}/{open}       . . . + - - . !
{method} /products/draft/{path}/urn:x:1     . . . . . . . .
"""
"""One that the consumer has made: nobody else sees it, whatever may be seen."""

HISTORY = "temporal/entities?type=EVChargingStation&timerel=before&timeAt=2031-01-01T00:00:00Z"
API, SUBSCRIPTIONS = "ngsi-ld/v1", "ngsi-ld/v1/subscriptions"
STATION, HIDDEN = "urn:ngsi-ld:EVChargingStation:00001", "urn:ngsi-ld:EVChargingStation:00002"
ENDPOINTS = (
    ("GET", f"{API}/entities?type=EVChargingStation", OF_A_PRODUCT),
    ("HEAD", f"{API}/entities?type=EVChargingStation", OF_A_PRODUCT),
    ("GET", f"{API}/entities/{STATION}", OF_A_PRODUCT),
    ("GET", f"{API}/entities/{HIDDEN}", NO_ENTITY),
    ("POST", f"{API}/entityOperations/query", OF_A_PRODUCT),
    ("GET", f"{API}/types", OF_A_PRODUCT),
    ("GET", f"{API}/types/EVChargingStation", OF_A_PRODUCT),
    ("GET", f"{API}/attributes", OF_A_PRODUCT),
    ("GET", f"{API}/attributes/status", OF_A_PRODUCT),
    ("GET", f"{API}/attributes/owner", NO_ENTITY),
    ("GET", f"{API}/{HISTORY}", OF_A_PRODUCT),
    ("GET", f"{API}/temporal/entities/{STATION}", OF_A_PRODUCT),
    ("GET", f"{API}/temporal/entities/{HIDDEN}", NO_ENTITY),
    ("POST", f"{API}/temporal/entityOperations/query", OF_A_PRODUCT),
    ("POST", SUBSCRIPTIONS, SUBSCRIBING),
    ("GET", SUBSCRIPTIONS, SUBSCRIBING),
    ("GET", SUBSCRIPTIONS, A_SUBSCRIPTION),
    ("PATCH", SUBSCRIPTIONS, A_SUBSCRIPTION),
    ("DELETE", SUBSCRIPTIONS, A_SUBSCRIPTION),
    ("GET", "export.csv", OF_A_PRODUCT),
    ("GET", "export.geojson", OF_A_PRODUCT),
    ("GET", "export.json", OF_A_PRODUCT),
    ("GET", "export.parquet", OF_A_PRODUCT),
    ("GET", "sample", OF_A_PRODUCT),
    ("HEAD", "stream", OF_A_PRODUCT),
)
ALL = {"mine": "{mine}", "granted": "{granted}", "open": "{open}"}

READ = rows("".join(cells.format(method=method, path=path, **ALL) for method, path, cells in ENDPOINTS))
