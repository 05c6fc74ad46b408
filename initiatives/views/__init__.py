"""Public pages of the record, one module for each matter."""
