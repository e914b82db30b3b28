"""The drop-in surfaces from end to end: vendors of every dialect on loopback, the official SDKs before the doors."""
