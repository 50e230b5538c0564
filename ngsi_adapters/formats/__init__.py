"""Formats and notations that several sources share: XML, DATEX II, CSV, numbers, times, positions."""
