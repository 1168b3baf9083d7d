"""The commands, one module each; the command line imports only the one that was asked for."""
