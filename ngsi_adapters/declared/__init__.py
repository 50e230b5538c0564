"""Sources that an operator declares in a YAML file: tables, JSON, GeoJSON and databases, without a line of Python."""
