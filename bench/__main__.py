"""`python -m bench` (or `make bench`): all measures, one table after the other."""

from bench import extraction, startup

extraction.main([])
print()
startup.main([])
