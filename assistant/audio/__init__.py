"""Sound in and sound out; past this door all audio is 16 kHz mono int16."""
