"""Checks any NGSI-LD entity against NGSI-LD and its data model, and says what is wrong in a person's words.

Pure: no I/O. `payload` finds the entities, `entity` checks one, `finding` and `texts` speak German and English.
"""
