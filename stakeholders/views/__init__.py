"""Pages of stakeholders, one module for each matter."""
