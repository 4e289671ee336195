"""The only place that locks, syncs, renames and asks what a machine can: files, hashes, the cache, signals."""
