"""OpenID Connect: tokens and logins that a provider such as Keycloak vouches for."""
