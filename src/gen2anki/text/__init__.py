"""One text to HTML, and what is wrong with it."""
