"""What other tools show of the marts, as code."""
