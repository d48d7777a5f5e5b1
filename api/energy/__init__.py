"""Questions of energy and their answers as documents, alike for the command line and for HTTP."""
