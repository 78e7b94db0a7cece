"""From a transcript to intents."""
