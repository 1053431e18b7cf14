"""The public screen: what it plays, the window it plays in, and the compositor that places the windows."""
