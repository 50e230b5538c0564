"""One module a subject of the Smart Data Models."""
