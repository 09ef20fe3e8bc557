"""Reading: valid responses become figures, one definition each; suppression (F4) is the only way out."""
