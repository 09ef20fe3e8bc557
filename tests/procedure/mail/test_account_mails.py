"""What people are told of their account by mail, and the link that sets a password: to the person only (D4)."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest

from csat.models.access import WelcomeLink
from csat.models.outbox import MailState, OutboxMessage, Why
from csat.models.oversight import AccountNotice, NoticeKind
from csat.models.roles import Role
from csat.procedure.mail import account_mails
from csat.procedure.oversight import requests
from csat.procedure.people import accounts, notices, welcome_links
from tests.builders import NOW, an_account
from tests.mail_server import send_due_mails


@pytest.fixture
def send(config):
    return partial(send_due_mails, config)


def test_the_link_is_made_as_the_mail_leaves_and_the_store_keeps_no_token(cast, send):
    account = an_account(cast.desk, "en", password_hash="old")
    requests.send_link(account, cast.admin, NOW, mails=True)
    assert not WelcomeLink.select().exists()
    (mail,) = send()
    token = re.search(r"http://localhost/welcome/([\w-]{43})", mail.text)[1]
    assert mail.to == cast.desk.email and "安敏 asked for a link" in mail.text and account.user_name in mail.text
    assert welcome_links.get_welcomed_account(token, NOW) == account
    assert accounts.find_account(cast.desk).password_hash == "old"


def test_it_does_not_go_to_an_address_that_came_later_or_to_a_closed_account(cast, send):
    account = an_account(cast.desk)
    requests.send_link(account, cast.admin, NOW, mails=True)
    assert requests.change_person(cast.desk, "苏岚", "other@provider.example", "", cast.admin, NOW)
    assert send() == [] and OutboxMessage.get().why == Why.MOVED
    requests.send_link(accounts.find_account(cast.desk), cast.admin, NOW + timedelta(minutes=1), mails=True)
    accounts.close_account(account, cast.admin, NOW)
    assert send() == [] and not WelcomeLink.select().exists()


def test_a_notice_is_mailed_once_in_the_readers_language(cast, send):
    account = an_account(cast.desk, "en")
    accounts.grant_role(cast.desk, Role.MANAGER, cast.admin, NOW)
    assert account_mails.queue_notices(NOW) == 1 and account_mails.queue_notices(NOW) == 0
    (mail,) = send()
    assert "苏岚 was given the role “Project manager” by 安敏." in mail.text and "http://localhost/account" in mail.text
    assert OutboxMessage.get().state == MailState.DONE
    accounts.set_account_locale(account, "zh")
    notices.tell_owner(account, NoticeKind.PASSWORD_SET, None, NOW)
    account_mails.queue_notices(NOW)
    assert "苏岚的账号已设置新密码。" in send()[-1].text


def test_what_is_old_when_mail_is_set_up_is_told_on_the_page_alone(cast):
    notices.tell_owner(an_account(cast.desk), NoticeKind.PASSWORD_SET, None, NOW)
    assert account_mails.queue_notices(NOW + account_mails.NEWS_LASTS) == 0
    assert AccountNotice.get().read_at is None
