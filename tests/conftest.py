"""Makes this folder importable, for what several rooms' tests share."""
