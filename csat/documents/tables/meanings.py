"""What figures are called and what they mean, by the beginning of their identifiers (docs/figures.md)."""

from __future__ import annotations

from csat.words import N_

FIGURE_NAMES = {  # by the beginning of an id, the longest that fits
    "satisfaction": N_("Satisfaction rate"),
    "dimension": N_("Satisfaction rate of a dimension"),
    "question": N_("Rate of a question"),
    "recommend": N_("Net promoter score"),
    "trend": N_("Trend of the satisfaction rate"),
    "response": N_("Response rate"),
    "surveyed_in_time": N_("Incidents surveyed in time"),
    "check_calls": N_("Check calls that contradict the record"),
    "feedback": N_("Feedback"),
    "feedback/handled_in_time": N_("Feedback handled in time"),
    "feedback/called_back_in_time": N_("Feedback called back in time"),
    "feedback/actions_in_time": N_("Actions done in time"),
    "feedback/actions_effective": N_("Actions confirmed effective"),
    "feedback/type": N_("Feedback handled in time"),
}
FIGURE_PARTS = {
    "index": N_("Index"),
    "before": N_("quarter before"),
    "telephone": N_("telephone and interview"),
    "link": N_("filled in by clients"),
}
FIGURE_MEANINGS = {  # by the keys of HEADS
    "satisfaction": N_(
        "Overall ratings of 4–5 ÷ all overall ratings of valid responses; “/index”: mean of (rating − 1) × 25"
    ),
    "dimension": N_("Ratings of 4–5 ÷ ratings of the dimension, all its questions together; n is responses"),
    "question": N_("4–5 ÷ ratings; 9–10 ÷ answers on a 0–10 scale; yes ÷ answers of yes or no"),
    "recommend": N_("Share of 9–10 minus share of 0–6 of the question whether one would recommend us"),
    "trend": N_("The satisfaction rate of each of eight quarters"),
    "response": N_("Answered invitations ÷ delivered ones, waiting and refused answers included"),
    "surveyed_in_time": N_("Incidents surveyed by their due instant ÷ incidents surveyed or past it"),
    "check_calls": N_("Check calls that contradict the record ÷ check calls that told anything, by recorder"),
    "feedback/handled_in_time": N_("Closed by the due instant ÷ closed or past it; linked feedback once"),
    "feedback/called_back_in_time": N_("Called back by the due instant ÷ called back or past it"),
    "feedback/actions_in_time": N_("Actions done by their due day ÷ done or past it"),
    "feedback/actions_effective": N_("Judged actions that hold ÷ judged actions"),
    "feedback/type": N_("Feedback of one type: closed by the due instant ÷ closed or past it"),
}
COUNT_NAMES = {  # by their names in the JSON
    "clients_asked": N_("Clients that were asked"),
    "verdicts/valid": N_("Valid responses"),
    "verdicts/pending": N_("Responses to be verified"),
    "verdicts/doubted": N_("Proposed refusals that wait for a second person"),
    "verdicts/refused": N_("Refused responses"),
    "verdicts/sealed": N_("Anonymous answers that are still sealed"),
    "verdicts/held": N_("Valid anonymous responses that do not count yet"),
    "verdicts/lost": N_("Anonymous answers that nobody can open"),
    "surveyed/closed": N_("Closed incidents"),
    "surveyed/surveyed": N_("Closed incidents that are surveyed"),
    "surveyed/overdue": N_("Incidents overdue and not surveyed"),
    "surveyed/skipped": N_("Incidents skipped"),
    "surveyed/without_contact": N_("Incidents not surveyed, with nobody to ask"),
    "feedback/total": N_("Feedback, linked ones once"),
    "feedback/open": N_("Feedback not closed"),
    "feedback/closed": N_("Feedback closed"),
    "feedback/overdue": N_("Feedback overdue for closing"),
    "feedback/median_days": N_("Days to close a feedback, median"),
    "feedback/actions": N_("Corrective and preventive actions"),
    "feedback/recurred": N_("Feedback that recurred"),
    "without_incident": N_("Valid responses that carry no incident"),
}
