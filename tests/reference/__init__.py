"""An independent reference for the binding semantics: no line of the warehouse is used here."""
