"""The index of conditions: each shelf tells them apart by something else that they need of an entity."""
