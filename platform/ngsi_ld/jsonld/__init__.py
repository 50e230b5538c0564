"""JSON-LD as far as NGSI-LD needs it: active contexts, expansion and compaction of names."""
