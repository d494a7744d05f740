"""The policy rows: read, applied to one customer, proved to leave no gap and no overlap, and put into words."""
