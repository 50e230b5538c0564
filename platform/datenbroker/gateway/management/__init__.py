"""What organisations manage themselves through the gateway: their devices."""
