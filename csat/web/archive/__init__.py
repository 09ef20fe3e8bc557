"""Pages of the archive: the search, its bundles, and exports of tables."""
