"""The operations of the NGSI-LD API (CIM 009, clauses 5.6-5.13): one file a resource."""
