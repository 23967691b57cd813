"""One command a file. What a command needs beyond click is imported when it runs, so that --help answers at once."""
