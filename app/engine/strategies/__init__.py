"""Of several targets that can serve, which is tried first? One file for each answer; `priority` is to ask nothing."""
