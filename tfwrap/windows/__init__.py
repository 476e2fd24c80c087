"""The installation on Windows: launchers, the user's PATH. install.ps1 starts it."""
