"""What a traveller can do at the booth, one module each; every room hangs its own addresses into the application."""
