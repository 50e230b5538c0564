"""Who did what, when, from where, and how it was decided: a log that shows when it was tampered with."""
