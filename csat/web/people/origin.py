"""From where somebody signs in, in words by which they know it again: the address, the browser, the machine."""

from __future__ import annotations

from flask import request

from csat.procedure.people.sessions import SessionOrigin

BROWSERS = {
    "MicroMessenger": "WeChat",
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
MACHINES = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def current_origin() -> SessionOrigin:
    """Where this request comes from."""
    return SessionOrigin(request.remote_addr or "", describe_browser(request.headers.get("User-Agent", "")))


def describe_browser(user_agent: str) -> str:
    """A browser in a few words of ours: nothing of what it sent is kept as it is."""
    return " · ".join(filter(None, [_find_name(BROWSERS, user_agent), _find_name(MACHINES, user_agent)]))


def _find_name(names: dict[str, str], user_agent: str) -> str:
    return next((name for mark, name in names.items() if mark in user_agent), "")
