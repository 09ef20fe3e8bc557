"""The pages: one room for each step, its form above its view; the ground beside the rooms."""
