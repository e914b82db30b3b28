"""What the drop-in surfaces share."""
