"""Making a questionnaire's next version (Q7): drafts, the editor's acts, checks, previews, publishing, TOML files."""
