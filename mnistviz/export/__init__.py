"""From display lists to files: pixels, segments, films, chapter files and the page."""
