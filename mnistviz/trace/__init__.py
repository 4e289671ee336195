"""What happened: operations in order, with their values and their places in the source."""
