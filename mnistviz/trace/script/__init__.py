"""Anybody's script, as it stands: run up to the loop that learns, of which one pass is recorded."""
