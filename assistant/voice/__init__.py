"""From reply text to speech."""
