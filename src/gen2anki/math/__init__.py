"""Formulas: what MathJax would not set, and the macros of a lesson."""
