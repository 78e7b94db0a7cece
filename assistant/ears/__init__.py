"""Wake word, voice activity, endpointing and speech recognition."""
