"""Waste: containers, calendars, tours, orders."""
