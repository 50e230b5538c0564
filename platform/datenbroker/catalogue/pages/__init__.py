"""The pages of the catalogue: templates, their texts in German and English, and the maps drawn for them."""
