"""What Anki stores and how it compares."""
