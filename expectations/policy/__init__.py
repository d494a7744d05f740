"""The policy rows: read, judged for one customer, proved to leave no gap and no overlap, and put in words."""
