"""Reading: valid responses become figures, one definition each, in frozen dataclasses.

`quarterly.compute_quarter_figures` is the whole of a quarter; pages, exports, the command and the report all
show what it returns. Suppression (F4) runs once over the whole and is the only way out.
"""
