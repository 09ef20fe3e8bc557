"""Whom a client can turn to, in a sentence: name, telephone and e-mail (P13, P4)."""

from __future__ import annotations

from csat.documents.locale_format import LocaleFormat
from csat.procedure.clients.manager_reach import ManagerReach
from csat.procedure.core import settings
from csat.words import N_

UNNAMED_PROVIDER = N_("Your service provider")


def format_reach(reach: ManagerReach, tongue: LocaleFormat) -> str:
    """Cheng Yuan (telephone 138…, e-mail …); the provider's name stands in for a manager."""
    say, name = tongue.texts.gettext, reach["name"] or format_provider(tongue)
    ways = [
        say(label) % {"how": how}
        for label, how in ((N_("telephone %(how)s"), reach["telephone"]), (N_("e-mail %(how)s"), reach["email"]))
        if how
    ]
    return say(N_("%(name)s (%(ways)s)")) % {"name": name, "ways": say(", ").join(ways)} if ways else name


def format_provider(tongue: LocaleFormat) -> str:
    """Who asks, by name."""
    return settings.get_provider_names().in_(tongue.language) or tongue.texts.gettext(UNNAMED_PROVIDER)
