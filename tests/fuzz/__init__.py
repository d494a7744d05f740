"""Random damage to sound landing zones, and what must hold for a refresh whatever arrives."""
