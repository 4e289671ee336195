"""Who draws and encodes the segments: processes here or on a cluster, with the same jobs."""
