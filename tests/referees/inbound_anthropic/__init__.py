"""Does Anthropic's own SDK read all that our inbound half writes, and is all that it sends understood?"""
