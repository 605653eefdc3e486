"""`python -m bench` (or `make bench`): all measures, one table after the other."""

from bench import extraction, formats, startup

extraction.main([])
print()
formats.main([])
print()
startup.main([])
