"""How are the surfaces described in `openapi.yaml`? What we understand of each dialect, and every error in its words.

A vendor of the dialect may know more than stands here: every object may hold other fields.
"""
