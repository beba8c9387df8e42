"""The store: schema, transactions, records → rows, rows → Dataset, and arrays on disk."""
