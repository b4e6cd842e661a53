"""Settings: from YAML and the environment to frozen values, and what hangs on them."""
