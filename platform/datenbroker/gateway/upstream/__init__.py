"""What lies between the gateway's doors and a context broker of another process."""
