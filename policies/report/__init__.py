"""What has been found, for whoever reads it: a terminal, a pull request, GitHub's code scanning, a test report."""
