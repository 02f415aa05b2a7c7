"""What whoever runs the site needs: backup, health, metrics, logging, error reporting, database routing."""
