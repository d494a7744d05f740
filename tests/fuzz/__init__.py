"""Random damage to sound landing zones, and what must hold of a refresh whatever arrives."""
