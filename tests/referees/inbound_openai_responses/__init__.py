"""OpenAI's own SDK, pointed at the inbound half of our /responses."""
