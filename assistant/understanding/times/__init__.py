"""Understanding room: clock times, dates and lengths as they are spoken."""
