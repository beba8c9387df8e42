"""Sources: a service or a file format → records. Nothing here touches the database."""
