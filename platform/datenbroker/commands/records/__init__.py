"""Commands on what was done and used: the audit log and the usage."""
