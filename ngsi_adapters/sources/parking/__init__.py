"""Parking: car parks, spots, their occupancy."""
