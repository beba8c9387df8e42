"""Crawl: visits to a service → records and further visits, by several workers, without loss."""
