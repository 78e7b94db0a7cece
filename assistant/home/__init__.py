"""The home and how its devices are commanded."""
