"""What people touch: the command line and the Python API. Each builds a Query and shows the answer."""
