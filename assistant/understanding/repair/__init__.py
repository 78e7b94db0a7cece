"""Understanding room: which sentence of this home's language a misheard one sounds most like."""
