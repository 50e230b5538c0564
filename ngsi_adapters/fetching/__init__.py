"""From a declaration to payloads: requests, pages, parts, archives, folders, and what guards them."""
