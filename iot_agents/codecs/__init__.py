"""Payload codecs: from a device's bytes to values and back."""
