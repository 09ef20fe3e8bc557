"""Pages of the quarterly report: the list and drafts, its review, its sentences, two quarters compared."""
