"""What the user gives: settings, environment, files, catalog."""
