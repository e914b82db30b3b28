"""What do the vendors' own SDKs send and read for the same thing? They judge our wires, feature by feature."""
