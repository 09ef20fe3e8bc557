"""What keeps the store in order: retention and erasure (D5), back-ups and restores (D6), what ships."""
