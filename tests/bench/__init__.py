"""Speed and memory on large files: `python -m tests.bench`. pytest does not collect it."""
