"""The second factor: a code opens once, recovery codes once each, links and passwords do not get past it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest

from csat.adapters.one_time_codes import SealedCodes
from csat.models.access import RecoveryCode, SecondFactor, Session
from csat.models.oversight import AccountNotice, NoticeKind
from csat.models.roles import Role
from csat.procedure.core.refusals import OutOfOrder, SignInThrottled
from csat.procedure.people import factors, sign_in, welcome_links
from csat.procedure.people.factors import CodeWrong, FactorDemanded
from tests.builders import NOW
from tests.procedure.people.sign_ins import PASSWORDS, an_account_with_password, come_in

CODES = SealedCodes(b"k" * 32)
LATER = NOW + timedelta(minutes=1)


def code_at(account, now: datetime) -> str:
    """What the owner's telephone shows."""
    factor = SecondFactor.get(SecondFactor.account == account)
    return pyotp.TOTP(CODES.read_secret(factor.waiting or factor.sealed)).at(now)


def set_up(account) -> list[str]:
    factors.begin_factor(account, CODES)
    return factors.confirm_factor(account, code_at(account, NOW), CODES, NOW)


@pytest.fixture
def account(db):
    return an_account_with_password(Role.QA)


def test_nothing_is_asked_before_the_first_code_was_right(account):
    factors.begin_factor(account, CODES)
    assert come_in(account).token
    with pytest.raises(CodeWrong):
        factors.confirm_factor(account, "000000", CODES, NOW)
    assert factors.find_factor(account) is None
    factors.confirm_factor(account, code_at(account, NOW), CODES, NOW)
    assert come_in(account).token == ""


def test_a_code_opens_once_and_for_a_short_time(account):
    set_up(account)
    with pytest.raises(CodeWrong):  # the one typed at the set-up
        sign_in.sign_in_with_code(account, code_at(account, NOW), CODES, NOW)
    code = code_at(account, LATER)
    assert sign_in.sign_in_with_code(account, f" {code[:3]} {code[3:]}", CODES, LATER).token
    with pytest.raises(CodeWrong):
        sign_in.sign_in_with_code(account, code, CODES, LATER)
    with pytest.raises(CodeWrong):
        sign_in.sign_in_with_code(account, code_at(account, LATER), CODES, LATER + timedelta(minutes=2))


def test_a_link_that_sets_the_password_still_leads_to_the_code(account):
    set_up(account)
    token = welcome_links.make_welcome_link(account, "command:test", NOW)
    assert sign_in.accept_welcome_link(token, "paper moon drifts past Norway", PASSWORDS, NOW).token == ""
    assert not Session.select().exists()


def test_a_recovery_code_opens_once_and_its_owner_is_told(account):
    first, *others = set_up(account)
    assert sign_in.sign_in_with_code(account, first.upper(), CODES, NOW).token
    with pytest.raises(CodeWrong):
        sign_in.sign_in_with_code(account, first, CODES, NOW)
    assert factors.count_recovery_codes(account) == len(others) == 9
    assert AccountNotice.select().where(AccountNotice.kind == NoticeKind.RECOVERY_USED).count() == 1
    factors.renew_recovery_codes(account, NOW)
    with pytest.raises(CodeWrong):
        sign_in.sign_in_with_code(account, others[0], CODES, NOW)


def test_nobody_guesses_codes_and_the_owner_hears_of_it(account):
    set_up(account)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            factors.verify_code(account, "000000", CODES, NOW)
    with pytest.raises(SignInThrottled):
        factors.verify_code(account, code_at(account, LATER), CODES, NOW)
    assert AccountNotice.select().where(AccountNotice.kind == NoticeKind.CODES_WRONG).count() == 1


def test_the_store_alone_computes_no_code(account):
    codes = set_up(account)
    sealed, kept = SecondFactor.get().sealed, {row.code_hash for row in RecoveryCode.select()}
    assert SealedCodes(b"x" * 32).read_secret(sealed) == "" and CODES.read_secret(sealed) not in sealed
    assert SealedCodes(b"x" * 32).find_step(sealed, code_at(account, LATER), LATER) is None
    assert not kept & set(codes) and all(len(one) == 64 for one in kept)


def test_the_old_telephone_counts_until_the_new_one_showed_a_code(account):
    set_up(account)
    old = pyotp.TOTP(CODES.read_secret(SecondFactor.get().sealed))
    factors.begin_factor(account, CODES)
    factors.verify_code(account, old.at(LATER), CODES, LATER)
    factors.confirm_factor(account, code_at(account, LATER), CODES, LATER)
    with pytest.raises(CodeWrong):
        factors.verify_code(account, old.at(LATER + timedelta(minutes=1)), CODES, LATER + timedelta(minutes=1))
    with pytest.raises(OutOfOrder):
        factors.confirm_factor(account, "123456", CODES, LATER)


def test_whose_roles_need_one_cannot_do_without(account):
    factors.demand_of_roles([Role.QA], "command:test", NOW)
    assert factors.is_factor_missing(account, frozenset({Role.QA}))
    assert not factors.is_factor_missing(account, frozenset({Role.DESK}))
    assert [person for person, _ in factors.list_without_factor()] == [account.person]
    set_up(account)
    assert not factors.is_factor_missing(account, frozenset({Role.QA})) and factors.list_without_factor() == []
    with pytest.raises(FactorDemanded):
        factors.remove_own_factor(account, NOW)
    factors.demand_of_roles([], "command:test", NOW)
    factors.remove_own_factor(account, NOW)
    assert come_in(account).token
