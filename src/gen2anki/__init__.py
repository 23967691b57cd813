"""Turn one readable YAML file into an Anki deck that merges, edition after edition."""

__version__ = "0.1.0"
