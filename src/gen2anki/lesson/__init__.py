"""Plain data to a checked lesson: its shape, repairs, rules and tags."""
