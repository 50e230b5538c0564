-- Version 1. One file holds all tenants; every row leads back to its tenant, and no query crosses them.
CREATE TABLE tenant (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
);
INSERT INTO tenant VALUES (1, '', strftime('%Y-%m-%dT%H:%M:%fZ'));

-- IRIs of entity types and attributes, numbered per tenant: the number stands for both in the indexes below.
CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    iri TEXT NOT NULL,
    UNIQUE (tenant, iri)
);

-- The entity as JSON, expanded, with its times. seq is the order of creation. expires_at: the earliest in the document.
CREATE TABLE entity (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant INTEGER NOT NULL,
    id TEXT NOT NULL,
    document BLOB NOT NULL,
    expires_at TEXT,
    UNIQUE (tenant, id)
);
CREATE INDEX entity_expiry ON entity (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE entity_type (
    type INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (type, seq)
) WITHOUT ROWID;

-- What q can narrow by: each number, text (its first characters), boolean (a blob) or other value (the empty blob).
CREATE TABLE attribute_value (
    attribute INTEGER NOT NULL,
    value NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (attribute, value, seq)
) WITHOUT ROWID;

CREATE TABLE entity_scope (
    tenant INTEGER NOT NULL,
    scope TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (tenant, scope, seq)
) WITHOUT ROWID;

-- Bounding boxes of GeoProperties.
CREATE VIRTUAL TABLE place USING rtree (id, west, east, south, north, +attribute INTEGER, +seq INTEGER);
CREATE TABLE place_of (
    seq INTEGER NOT NULL,
    id INTEGER PRIMARY KEY
);
CREATE INDEX place_of_entity ON place_of (seq);

-- How many entities of a type have an attribute of a kind: what discovery answers without reading documents.
CREATE TABLE type_attribute (
    type INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    kind TEXT NOT NULL,
    entities INTEGER NOT NULL,
    PRIMARY KEY (type, attribute, kind)
) WITHOUT ROWID;
CREATE TABLE type_count (
    type INTEGER PRIMARY KEY,
    entities INTEGER NOT NULL
);

CREATE TABLE subscription (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant INTEGER NOT NULL,
    id TEXT NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (tenant, id)
);

-- Notifications that are due: written in the commit of the change that caused them, deleted once delivered or given up.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant INTEGER NOT NULL,
    subscription TEXT NOT NULL,
    notification BLOB NOT NULL,
    headers TEXT NOT NULL,
    created_at REAL NOT NULL
);

-- The @contexts that subscriptions are read by: a restart must not need the servers that hold them.
CREATE TABLE subscription_context (
    url TEXT PRIMARY KEY,
    body BLOB NOT NULL
) WITHOUT ROWID;

-- Contexts that the broker serves: Hosted (added by a client) and ImplicitlyCreated.
CREATE TABLE jsonld_context (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at TEXT NOT NULL
);
