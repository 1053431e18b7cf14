"""What is made of a content set before anybody sees it: everything decoded once, stills scaled for the screen."""
