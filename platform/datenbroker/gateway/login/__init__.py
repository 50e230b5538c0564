"""People log in with a browser: OpenID Connect's code flow, and the session that follows."""
