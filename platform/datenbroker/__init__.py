"""The gateway and the composition root: settings, CLI, identities, the demo city."""
