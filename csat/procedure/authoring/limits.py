"""How much a form takes: what the editor says beside a field, and the check list before publishing (Q7)."""

from __future__ import annotations

import re

MAX_QUESTIONS = 60  # of a form
MAX_OPTIONS = 30  # of a question: a phone shows no longer list well
LABEL_COUNT = 5  # of a scale
OPTION_PATTERN = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
# Characters, in each language.
MAX_TITLE = 100
MAX_INTRO = 1000
MAX_SECTION_TITLE = 80
MAX_QUESTION = 300
MAX_HELP = 500
MAX_OPTION = 100
MAX_LABEL = 20
