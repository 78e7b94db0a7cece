"""One file per kind of thing the assistant can do."""
