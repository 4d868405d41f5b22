"""The console script: one file a command; `main` imports each only when it is called."""
