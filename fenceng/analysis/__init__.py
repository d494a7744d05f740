"""What a published release can be asked: why, what if, what changed, whether it still holds."""
