"""The respondent's pages: the form, its receipt (Q4); what is recorded by telephone or interview."""
