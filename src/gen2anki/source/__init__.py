"""Bytes to plain data, with the place of everything."""
