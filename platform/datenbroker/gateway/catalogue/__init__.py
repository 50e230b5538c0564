"""The catalogue as the gateway serves it: DCAT-AP.de for harvesters, pages for people, the data inventory."""
