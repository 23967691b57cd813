"""A formula read as the MathJax of Anki reads it."""
