"""Understanding room: what a sentence takes from the turns before it."""
