"""Plain data to a checked lesson: shape, repairs, rules, tags."""
