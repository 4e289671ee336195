"""A trace on disk, and back: an untrusted file runs nothing."""
