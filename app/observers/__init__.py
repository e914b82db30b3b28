"""Who watches: metrics, traces and the log of requests. They may miss a record, counted; they never delay a caller."""
