"""The two-step log-in: a code of six digits that a telephone makes every half minute, or a recovery code.

pyotp makes and compares the codes (RFC 6238). One step before and after are taken, for clocks that are not quite right.
"""

import re
import secrets
from hashlib import sha256

import pyotp
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from pyotp.exceptions import OTPVerificationError

from joinedup import sessions
from joinedup.accounts.mail import tell
from joinedup.accounts.models import SecondStep

SKEW = 1  # steps of half a minute
RECOVERY_CODES = 8
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is read for another
REQUIRED_OF = "curation.publish_entries"


class Closed(Exception):
    """Too many wrong codes: none is taken for a while."""


def is_on(user):
    return SecondStep.objects.filter(user=user).exists()


def is_lacking(user):
    """Whether `user` has to set it up before anything else."""
    return settings.TWO_STEP_REQUIRED_FOR_EDITORS and user.has_perm(REQUIRED_OF) and not is_on(user)


def may_switch_off(user):
    return not (settings.TWO_STEP_REQUIRED_FOR_EDITORS and user.has_perm(REQUIRED_OF))


def address(user, secret):
    """What the QR code tells the telephone: otpauth://totp/…"""
    return pyotp.TOTP(secret).provisioning_uri(name=user.get_username(), issuer_name=settings.SITE_NAME)


def switch_on(user, secret, typed, session_key):
    """Switch it on if `typed` is the code that a telephone makes of `secret`; the recovery codes, or None if it is not.

    All other sessions of the person end, for they were begun without a code.
    """
    step = SecondStep(user=user, secret=secret)
    if not _is_code(step, _plain(typed)):
        return None
    codes = _new_recovery_codes(step)
    with transaction.atomic():
        step.save(force_insert=True)
        _note(user, user, "The two-step log-in was switched on.")
    sessions.end(user, but=session_key)
    tell(user, "The two-step log-in is on", "admin/mail_two_step.txt", is_on=True)
    return codes


@transaction.atomic
def takes(user, typed):
    """Whether `typed` is a code for now, or a recovery code, of a person who switched it on; neither is taken twice.

    Raises Closed after too many wrong ones.
    """
    step = SecondStep.objects.select_for_update().get(user=user)
    if step.is_closed:
        raise Closed
    plain = _plain(typed)
    is_right = _is_code(step, plain) or _is_recovery_code(step, plain)
    if is_right:
        step.wrong_codes = 0
    else:
        step.count_wrong()
    step.save()
    if step.is_closed:
        tell(user, "Somebody who knows your password types wrong codes", "admin/mail_wrong_codes.txt")
    return is_right


@transaction.atomic
def new_recovery_codes(user):
    """Codes that are shown once; those of before are taken no more."""
    step = SecondStep.objects.select_for_update().get(user=user)
    codes = _new_recovery_codes(step)
    step.save()
    _note(user, user, "New recovery codes for the two-step log-in were made.")
    return codes


def switch_off(user, by=None, note="The two-step log-in was switched off."):
    """By the person herself, or for her: then her sessions end too. `by` is None on the server.

    Returns whether it was on.
    """
    with transaction.atomic():
        if not SecondStep.objects.filter(user=user).delete()[0]:
            return False
        _note(user, by or user, note)
    if by != user:
        sessions.end(user)
    tell(user, "The two-step log-in is off", "admin/mail_two_step.txt", is_on=False)
    return True


def _note(user, by, note):
    LogEntry.objects.log_actions(by.pk, [user], CHANGE, note, single_object=True)


def _plain(typed):
    return re.sub(r"[\s-]", "", typed).upper()


def _is_code(step, plain):
    try:
        timecode = pyotp.TOTP(step.secret).verify_and_get_timecode(plain, valid_window=SKEW)
    except OTPVerificationError:
        return False
    is_new = timecode > step.last_timecode
    step.last_timecode = max(timecode, step.last_timecode)
    return is_new


def _is_recovery_code(step, plain):
    """Each has 78 bits of chance, so that a plain checksum tells nobody what it is."""
    checksum = sha256(plain.encode()).hexdigest()
    left = [code for code in step.recovery_codes if code != checksum]
    is_one, step.recovery_codes = len(left) < len(step.recovery_codes), left
    return is_one


def _new_recovery_codes(step):
    codes = ["".join(secrets.choice(LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    step.recovery_codes = [sha256(code.encode()).hexdigest() for code in codes]
    return ["-".join(re.findall("....", code)) for code in codes]
