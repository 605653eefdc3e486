"""`python -m bench` (or `make bench`): extraction, formats, start-up, builds and evidence, one table after the other."""

from bench import evidence, extraction, formats, startup
from bench.build import __main__ as build

extraction.main([])
print()
formats.main([])
print()
startup.main([])
print()
build.main([])
print()
evidence.main([])
