"""What the commands print, in English and Chinese."""
