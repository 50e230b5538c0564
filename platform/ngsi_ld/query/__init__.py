"""The query languages: q, geo-queries, scopeQ, type selection, ordering; each as a tree and its exact evaluation."""
