"""The services that know works: asked politely, one question at a time, and with words for all that may go wrong."""

import datetime
import functools
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from sources.fetching import Failed, Fetcher, Refused, Until

PAUSE = 0.4  # seconds between two questions to a host: NCBI and Open Library allow three in a second
SECONDS = 10  # for one question
MOST_BYTES = 2_000_000
WAIT, LONGEST_WAIT = 60, 3600  # seconds, when a service asks us to slow down
SLOW_DOWN = {429, 503}
NOTHING = {400, 404, 410}
NO_RECORD = {204, 406}


class Unknown(Exception):
    """The service does not know what it was asked for; the message says so, in a sentence."""


class Unanswered(Exception):
    """No answer that tells anything; the message says why, in a sentence."""


@dataclass(frozen=True)
class Service:
    """`setting` names the setting with its address; `name` is what pages call it, within a sentence."""

    setting: str
    name: str

    @property
    def url(self):
        """Where it is; empty if nobody is to be asked."""
        return getattr(settings, self.setting)

    def ask(self, path, until, accept="*/*"):
        """The text at `path` of the service, within the time `until`. Raises Unknown or Unanswered."""
        if not self.url:
            raise Unanswered(f"The look-up is turned off here ({self.setting}).")
        host = urlsplit(self.url).netloc
        self._mind(host)
        try:
            answer = fetcher().get(f"{self.url}{path}", Until(min(SECONDS, until.left())), accept, MOST_BYTES)
        except TimeoutError as error:
            raise Unanswered("There was no time left to ask. Look it up again: what was found is kept.") from error
        except Refused as refused:
            raise Unanswered(f"{self.start} leads to an address that is not looked at. {refused}") from refused
        except Failed as failed:
            raise Unanswered(f"{self.start} gave no answer. {failed} Try again later.") from failed
        return self._judged(answer, host)

    def _judged(self, answer, host):
        status = answer.status
        if status == 200:
            return answer.body.decode("utf-8", "replace")
        if status in NOTHING:
            raise Unknown(f"{self.start} knows nothing of this.")
        if status in NO_RECORD:
            raise Unknown(f"{self.start} knows it, and has no record of it that can be read here.")
        if status in SLOW_DOWN:
            cache.set(
                _waiting(host), int(time.time()) + seconds_to_wait(answer.headers.get("Retry-After")), LONGEST_WAIT
            )
            self._mind(host)
        raise Unanswered(f"{self.start} answers with a fault of its own ({status}). Try again later.")

    def _mind(self, host):
        """Do not ask who has asked us to wait."""
        moment = cache.get(_waiting(host)) or 0
        if moment > time.time():
            at = timezone.localtime(datetime.datetime.fromtimestamp(moment, datetime.UTC))
            raise Unanswered(f"{self.start} asks us to slow down. Try again after {at:%H:%M:%S}.")

    @property
    def start(self):
        """Its name at the start of a sentence."""
        return self.name[:1].upper() + self.name[1:]


REGISTRY = Service("LOOKUP_DOI_URL", "the registry of DOIs")
PUBMED = Service("LOOKUP_PUBMED_URL", "PubMed")
CATALOGUE = Service("LOOKUP_ISBN_URL", "the book catalogue")
CROSSREF = Service("LOOKUP_CROSSREF_URL", "Crossref")


@functools.cache
def fetcher():
    """The one that all of a process share, so that each host is asked one thing at a time."""
    return Fetcher(agent(), settings.LINK_CHECK_PORTS, pause=PAUSE)


def agent():
    """Who asks, and where to write to, as Crossref, NCBI and Open Library want to know."""
    contact = settings.CONTACT_EMAIL and f"mailto:{settings.CONTACT_EMAIL}"
    about = "; ".join(filter(None, [settings.SITE_URL, contact]))
    name = settings.SITE_NAME.replace(" ", "-")
    return f"{name}/{settings.VERSION}{about and f' ({about})'}".encode("ascii", "replace").decode()


def seconds_to_wait(told):
    """What a Retry-After means (RFC 9110, 10.2.3), from a second to an hour; a minute if it says nothing."""
    try:
        seconds = int(told)
    except (TypeError, ValueError):
        try:
            moment = parsedate_to_datetime(told or "")
            moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
            seconds = (moment - timezone.now()).total_seconds()
        except ValueError:
            seconds = WAIT
    return int(min(max(seconds, 1), LONGEST_WAIT))


def _waiting(host):
    return f"services:wait:{host}"
