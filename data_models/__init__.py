"""Smart Data Models as typed Python, their official schemas and units."""
