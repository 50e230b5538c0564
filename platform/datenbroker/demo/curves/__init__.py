"""What goes on in the city: weather, traffic, energy, and what each sensor measures of it at a time."""
