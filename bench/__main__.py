"""`python -m bench` (or `make bench`): all measures, one table after the other."""

from bench import build, extraction, formats, startup

extraction.main([])
print()
formats.main([])
print()
startup.main([])
print()
build.main([])
