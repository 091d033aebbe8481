"""What surrounds the loop: the record of a run, its memory, live view and animation."""
