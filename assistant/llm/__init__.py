"""The language model tier: what no template foresaw."""
