"""What several formats share: delimited text, tables, dates, values, rows into batches."""
