"""The shape of `cards.yaml`: its types, its JSON Schema, and what an id is."""
