"""What stepwindow promises, each promise a sentence."""
