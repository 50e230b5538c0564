"""Pages for people: what is around all of them, and what they read in place of problem details."""
