"""Do the vendors' own SDKs, and what is built on them, work against us by their base URL and key alone?"""
