"""The output folder: what lies in it, how a finished film takes its place, and whether it is whole."""
