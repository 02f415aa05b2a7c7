"""Is an address that a source is cited with alive? Knows nothing of sources."""

import http.client
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db.models import TextChoices

from sources.fetching import MOST_REDIRECTS, Failed, Fetcher, Refused, Target, Until, next_address, told

SECONDS = 12  # for an address with all its redirects

GONE = {404, 410}
# What servers say that know no HEAD, or keep it from programs: a GET may fare better.
REFUSES_HEAD = {400, 403, 404, 405, 406, 500, 501}
CLOSED = {401, 402, 403, 407, 451}
LATER = {408, 425, 429, 503}

# Sites that have lost a page often send its readers here, with no word.
HOME = re.compile(r"/?(?:(?:index|home|default)(?:\.[a-z]{2,5})?|[a-z]{2}(?:[-_][a-z]{2})?)?/?", re.I)
LOG_IN = re.compile(
    r"(?:^|[/._-])(?:log-?_?[io]n|sign-?_?in|sso|idp|wayf|shibboleth|auth(?:enticate)?)(?:$|[/._-])", re.I
)


class Outcome(TextChoices):
    ALIVE = "alive", "Works"
    GONE = "gone", "Gone"
    FAILED = "failed", "Does not work"
    LOOK = "look", "Look at it"
    UNCLEAR = "unclear", "Cannot tell"
    REFUSED = "refused", "Not looked at"


@dataclass(frozen=True)
class Answer:
    """`words` say what is the matter, unless it is alive; `leads_to` is where redirects ended, if there were any."""

    outcome: Outcome
    status: int | None = None
    words: str = ""
    leads_to: str = ""


class Checker(Fetcher):
    def check(self, url, seconds=SECONDS):
        """Look at `url`, for `seconds` at most with everything it leads to. Returns an Answer; never raises."""
        until = Until(seconds)
        here, seen = url, []
        status = None
        try:
            while here not in seen:
                seen.append(here)
                response = self._ask(Target.of(here, self.ports), until)
                status = response.status
                if not response.leads_to:
                    return _answer(url, here, status)
                if len(seen) > MOST_REDIRECTS:
                    break
                here = next_address(here, response.leads_to)
            # Sites that insist on cookies do this to programs, and serve people well.
            words = "It sends our check on and on. Open it in a browser and see."
            return Answer(Outcome.UNCLEAR, status, words, leads_to=here)
        except Refused as refused:
            words = str(refused) if here == url else f"It leads to an address that is not looked at. {refused}"
            return Answer(Outcome.REFUSED, words=words, leads_to="" if here == url else here)
        except Failed as failed:
            outcome = Outcome.UNCLEAR if failed.is_unclear else Outcome.FAILED
            return Answer(outcome, words=str(failed), leads_to="" if here == url else here)

    def _ask(self, target, until):
        """What `target` answers to HEAD or, where that is refused, to GET."""
        with told(target):
            numbers = self.numbers(target, until)
            try:
                response = self.request("HEAD", target, numbers, until)
            except (http.client.HTTPException, ConnectionResetError):
                response = None
            if response is None or response.status in REFUSES_HEAD:
                response = self.request("GET", target, numbers, until)
            return response


def _answer(url, here, status):
    """The Answer for `url`, which led to `here`, where this status was given."""
    outcome, status, words = judged(status)
    if outcome == Outcome.ALIVE and (doubt := doubt_of(url, here)):
        outcome, words = Outcome.LOOK, doubt
    return Answer(outcome, status, words, leads_to="" if here == url else here)


def doubt_of(url, here):
    """Why a page that answers well may not be the one that was meant; empty if there is no doubt."""
    asked, got = urlsplit(url), urlsplit(here)
    if HOME.fullmatch(got.path) and not got.query and not HOME.fullmatch(asked.path):
        return "It leads to the home page of a site. Open it in a browser and see whether the work is still there."
    if LOG_IN.search(f"{got.hostname}{got.path}") and not LOG_IN.search(f"{asked.hostname}{asked.path}"):
        return "It leads to a page to log in. Open it in a browser and see what readers get."
    return ""


def judged(status):
    """The outcome that a status stands for, the status, and what to say of it."""
    if 200 <= status < 300:
        return Outcome.ALIVE, status, ""
    if status in GONE:
        return Outcome.GONE, status, "The site says that nothing is there."
    if status in CLOSED:
        return Outcome.UNCLEAR, status, "The site does not let our check in. Open it in a browser and see."
    if status in LATER:
        return Outcome.UNCLEAR, status, "The site is too busy to say."
    if status >= 500:
        return Outcome.FAILED, status, "The site has a fault of its own."
    return (
        Outcome.UNCLEAR,
        status,
        "The site answers our check in a way that tells nothing. Open it in a browser and see.",
    )
