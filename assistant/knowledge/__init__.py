"""Knowledge room: the household's own text files, from which questions are answered by quoting."""
