"""The map: all named arrays of a trace in the order in which they depend on each other, small or filling a frame."""
