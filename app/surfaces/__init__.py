"""The drop-in surfaces: what the doors share at which the vendors' own SDKs call."""
