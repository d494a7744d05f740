"""What a refresh runs in: dbt, the gate process, child processes, the lock, disk space, failure messages."""
