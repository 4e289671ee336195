"""From frames to segments and from segments to films."""
