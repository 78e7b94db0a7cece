"""Teaching a small language model to say what people want in plain commands of their home."""
