"""The shape of `cards.yaml`: the types of its values and records, what follows from them for its keys, its JSON Schema."""
