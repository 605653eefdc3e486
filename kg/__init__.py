"""kg: reports of how AI models were trained, as a validated knowledge graph that shows its evidence."""

__version__ = "0.1.0"
