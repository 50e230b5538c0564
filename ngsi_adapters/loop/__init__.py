"""What the loop does for each source: lease, run, what is known, what is stale, and how it is told."""
