"""What a refresh runs in: dbt, the gates' process, child processes, the lock, the disk, and failures in plain words."""
