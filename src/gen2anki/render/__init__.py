"""The questions of a lesson to HTML, and to the fields of Anki's note types."""
