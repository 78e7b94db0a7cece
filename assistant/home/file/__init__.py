"""The home file: read, watched, and changed in place."""
