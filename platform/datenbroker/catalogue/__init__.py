"""What makes data findable: the catalogue in DCAT-AP.de, its pages, the quality of products, the data inventory."""
