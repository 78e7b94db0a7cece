"""Understanding room: languages written without spaces, or with particles glued to the word."""
