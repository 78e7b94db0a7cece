"""Random homes, and what people say in them with what should come of it; the same by seed."""
