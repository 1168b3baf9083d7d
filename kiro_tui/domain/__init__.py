"""What an account has and what became of asking for it: plain frozen values, no clock, no I/O."""
