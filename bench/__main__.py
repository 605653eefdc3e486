"""`python -m bench` (or `make bench`): all measures, one table after the other."""

from bench import build, evidence, extraction, formats, startup

extraction.main([])
print()
formats.main([])
print()
startup.main([])
print()
build.main([])
print()
evidence.main([])
