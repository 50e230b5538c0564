"""The language of NGSI-LD (ETSI GS CIM 009): entities, @context, queries, representations, errors. Pure: no I/O."""
