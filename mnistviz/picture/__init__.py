"""What it looks like: from an instant of a timeline to a display list of plain primitives."""
