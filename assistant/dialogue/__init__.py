"""Dialogue room: what was said before in a conversation, and what is still open in it."""
