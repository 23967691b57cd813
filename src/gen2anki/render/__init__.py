"""The questions of a lesson, turned into HTML and then into the fields of Anki's note types."""
