"""The commands of `fenceng`, one module each: options in, an exit code out."""
