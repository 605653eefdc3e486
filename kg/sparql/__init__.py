"""SPARQL 1.1: query text, the queries that come with kg, what a person calls a thing, the formats of answers.

What `query` and `serve` share; it reads a store that it is given and opens none.
"""
