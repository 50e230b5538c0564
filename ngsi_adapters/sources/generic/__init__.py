"""Generic: files and databases read by a mapping that the operator writes."""
