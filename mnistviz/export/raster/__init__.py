"""From display lists to pixels: the only rooms that touch them."""
