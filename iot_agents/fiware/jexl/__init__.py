"""JEXL, the expression language of FIWARE's IoT agents, as far as fleets use it.

A grammar of our own: pyjexl has had no release since 2021, and lacks FIWARE's transforms and JavaScript's conversions.
"""
