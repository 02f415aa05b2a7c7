"""The services that know works, on this computer: they answer as the real ones document it.

The works are made up. A DOI under 10.5555/ can say how its agency behaves: 10.5555/slow, 10.5555/429.
"""

import contextlib
import http.server
import json
import re
import threading
import time
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core.cache import cache

from sources import services
from sources.fetching import Fetcher, is_out_in_the_open

HERE = "127.0.0.9"

WORKS = {
    "10.5555/trust": {
        "type": "article-journal",
        "title": "Trust between services",
        "author": [{"given": "Ann", "family": "Example"}, {"given": "B. C.", "family": "Other"}],
        "issued": {"date-parts": [[2003, 5]]},
        "container-title": "Journal of Made-up Studies",
        "volume": "17",
        "issue": "1",
        "page": "7-17",
        "publisher": "A Press",
        "DOI": "10.5555/trust",
        "ISSN": ["1356-1820"],
    },
    "10.5555/report": {
        "type": "report",
        "title": "A report with <i>italics</i>",
        "author": [{"literal": "A Board, for Children"}],
        "issued": {"date-parts": [[2010]]},
        "publisher": "A Board",
        "DOI": "10.5555/REPORT",
    },
}
BOOKS = {
    "9780521423748": {
        "title": "Learning by the way",
        "subtitle": "a made-up book",
        "authors": [{"name": "Jean Example"}, {"name": "Etienne Other"}],
        "publishers": [{"name": "A University Press"}],
        "publish_places": [{"name": "Cambridge"}],
        "publish_date": "March 1991",
        "subjects": [{"name": "Learning"}],
    },
    "9781402894626": {"title": "Groups that learn", "authors": [{"name": "A. Example"}], "publish_date": "2009"},
    "9780521663632": {"title": "Communities", "authors": [{"name": "Etienne Other"}], "publish_date": "1998"},
}
ARTICLES = {
    "23750856": """PMID- 23750856
TI  - Working across the line: a made-up study.
FAU - Example, Ann
AU  - Example A
JT  - Journal of Made-up Studies
DP  - 2013 Jul
VI  - 27
PG  - 1-9
PT  - Journal Article
LID - 10.5555/line [doi]
"""
}
ARCHIVED = {"3283037": {"pmid": "23750856", "doi": "10.5555/line"}, "77": {"pmid": "0", "doi": "10.5555/trust"}}


def update(kind, doi, *date, source="publisher"):
    return {"type": kind, "DOI": doi, "source": source, "updated": {"date-parts": [list(date)]}}


class Catalogues(http.server.BaseHTTPRequestHandler):
    """/doi, /eutils, /books and /crossref are where the four services are."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        parts = urlsplit(self.path)
        service, _, rest = parts.path.strip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, f"say_{service}")(unquote(rest), query)
        self.close_connection = True

    def say(self, status, body=b"", kind="application/json", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content_Type": kind, "Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def misbehave(self, how):
        """Whether it did."""
        if how == "slow":
            time.sleep(3)
        elif how == "cut":
            self.say(200, '{"title": "Cut', Content_Length="5000")
        elif how == "html":
            self.say(200, "<html><title>A landing page</title></html>", "text/html")
        elif how == "long":
            self.say(200, b" " * 3_000_000)
        elif how == "inside":
            self.say(302, Location="http://127.0.0.1/secret")
        elif how == "circle":
            self.say(302, Location=self.path)
        elif match := re.fullmatch(r"(\d{3})(?:-(\w+))?", how):
            self.say(int(match[1]), **({"Retry_After": match[2]} if match[2] else {}))
        else:
            return False
        return True

    def say_doi(self, doi, query):
        """The resolver sends who asks for data on to the agency; who does not, to the page of the work."""
        if self.headers["Accept"] != "application/vnd.citationstyles.csl+json":
            return self.say(302, Location="/landing/")
        doi = doi.lower()
        if self.misbehave(doi.partition("/")[2]):
            return None
        if doi not in WORKS and doi not in self.server.works:
            return self.say(404, "<html>DOI Not Found</html>", "text/html")
        return self.say(302, Location=f"/agency/{doi}")

    def say_agency(self, doi, query):
        self.say(200, json.dumps((WORKS | self.server.works)[doi]), "application/vnd.citationstyles.csl+json")

    def say_eutils(self, tool, query):
        if self.misbehave(self.server.mood):
            return
        ids = query.get("id", "").split(",")
        if tool == "efetch.fcgi" and query.get("rettype") == "medline" and query.get("retmode") == "text":
            texts = [
                ARTICLES.get(one, f"{place}: id: {one} Error occurred: The following PMID is not available: {one}\n")
                for place, one in enumerate(ids, start=1)
            ]
            self.say(200, "\n" + "\n".join(texts), "text/plain")
        elif tool == "esummary.fcgi" and query.get("db") == "pmc" and query.get("retmode") == "json":
            self.say(200, json.dumps({"header": {}, "result": {"uids": ids, **{one: archived(one) for one in ids}}}))
        else:
            self.say(400, "Error")

    def say_books(self, rest, query):
        if self.misbehave(self.server.mood):
            return
        wanted = [key.removeprefix("ISBN:") for key in query["bibkeys"].split(",")]
        self.say(200, json.dumps({f"ISBN:{isbn}": BOOKS[isbn] for isbn in wanted if isbn in BOOKS}))

    def say_crossref(self, rest, query):
        if self.misbehave(self.server.mood):
            return
        works = self.server.crossref
        if rest.startswith("works/"):
            work = works.get(rest.removeprefix("works/"))
            return self.say(200, json.dumps({"message": work})) if work else self.say(404, "Resource not found.")
        wanted = [one.partition(":") for one in query["filter"].split(",")]
        items = [work for name, _, doi in wanted for work in works.values() if matches(work, name, doi)]
        self.say(200, json.dumps({"status": "ok", "message": {"total-results": len(items), "items": items}}))

    def log_message(self, *args):
        pass


def archived(number):
    if number not in ARCHIVED:
        return {"uid": number, "error": "cannot get document summary"}
    ids = [{"idtype": kind, "value": value} for kind, value in ARCHIVED[number].items()]
    return {"uid": number, "title": "T", "articleids": [*ids, {"idtype": "pmcid", "value": f"PMC{number}"}]}


def matches(work, name, doi):
    if name == "doi":
        return work["DOI"].lower() == doi
    return name == "updates" and any(one["DOI"].lower() == doi for one in work.get("update-to", []))


@contextlib.contextmanager
def serving():
    server = http.server.ThreadingHTTPServer((HERE, 0), Catalogues)
    server.daemon_threads = True
    server.asked, server.mood, server.works, server.crossref = [], "", {}, {}
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def catalogues(settings, monkeypatch):
    """The four services, where the site looks for them; they alone may be reached inside a network."""
    with serving() as server:
        address = f"http://{HERE}:{server.server_port}"
        settings.LOOKUP_DOI_URL = f"{address}/doi"
        settings.LOOKUP_PUBMED_URL = f"{address}/eutils"
        settings.LOOKUP_ISBN_URL = f"{address}/books"
        settings.LOOKUP_CROSSREF_URL = f"{address}/crossref"
        fetcher = Fetcher(
            services.agent(),
            (80, 443, server.server_port),
            pause=0,
            is_allowed=lambda number: number == HERE or is_out_in_the_open(number),
        )
        monkeypatch.setattr(services, "fetcher", lambda: fetcher)
        cache.clear()
        yield server
        cache.clear()
