"""The HTTP doors: provisioning from the north, measures from the south."""
