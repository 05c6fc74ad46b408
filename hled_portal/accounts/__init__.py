"""Sign-in: throttling, the second factor, sessions, and new passwords."""
