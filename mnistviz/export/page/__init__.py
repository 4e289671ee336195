"""The film's page: `index.html` with player, chapters, source, values and transcript, and its stills."""
