"""Move data: load the landing zone, run the stations, publish releases. No business rules live here."""
