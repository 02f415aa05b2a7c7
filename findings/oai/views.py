"""The verbs, each a function from what was asked to a template and its context, and the one address that they share."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from curation.entries import parse_code
from curation.routes import site_url
from curation.xml import answer
from findings.models import Stamp
from findings.oai import sets
from findings.oai.records import entries_of, mods_of, oai_dc_of
from findings.oai.requests import BAD_TOKEN, ProtocolError, arguments_of, selection

A_PAGE = 100


@dataclass(frozen=True)
class Format:
    prefix: str
    namespace: str
    schema: str
    describe: object

    @property
    def template(self):
        return f"oai/{self.prefix}.xml"


FORMATS = {
    form.prefix: form
    for form in [
        Format(
            "oai_dc",
            "http://www.openarchives.org/OAI/2.0/oai_dc/",
            "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            oai_dc_of,
        ),
        Format("mods", "http://www.loc.gov/mods/v3", "http://www.loc.gov/standards/mods/v3/mods-3-7.xsd", mods_of),
    ]
}
# What the scheme of identifiers takes for the name of a repository: a domain name.
DOMAIN = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+", re.IGNORECASE)


class Repository:
    """The site as a harvester knows it."""

    def __init__(self, site):
        self.site = site
        self.host = urlsplit(site).hostname
        self.address = site + reverse("oai")

    def identifier(self, code):
        return f"oai:{self.host}:{code}"

    def stamp(self, identifier):
        """The stamp of the entry with this identifier. Raises ProtocolError."""
        code = identifier.removeprefix(self.identifier(""))
        try:
            letter, number = parse_code(code)
        except ValueError:
            letter, number = "", 0
        found = Stamp.objects.filter(letter=letter, number=number).first()
        if found is None or self.identifier(found.code) != identifier:
            raise ProtocolError("idDoesNotExist", f"Nothing here has the identifier “{identifier[:80]}”.")
        return found

    def header(self, stamp):
        return {
            "identifier": self.identifier(stamp.code),
            "stamp": stamp,
            "sets": sets.sets_of(stamp),
            "is_deleted": stamp.is_deleted,
        }

    def records(self, stamps, form):
        """Header and contents for the template of `form`, of each of `stamps`. One that ceased to be public since its
        stamp was read has no contents."""
        entries = entries_of(stamps)
        for stamp in stamps:
            entry = entries.get(stamp.code)
            contents = entry and form.describe(entry, self.site)
            header = self.header(stamp)
            yield {
                **header,
                "is_deleted": header["is_deleted"] or not contents,
                "contents": contents,
                "code": stamp.code,
            }


def identify(arguments, repository):
    earliest = Stamp.objects.values_list("changed_at", flat=True).first()
    return {
        "name": settings.SITE_NAME,
        # The protocol wants an address; every domain with mail has this one (RFC 5321).
        "email": settings.CONTACT_EMAIL or f"postmaster@{repository.host}",
        "earliest": earliest or timezone.now(),
        "is_domain": bool(DOMAIN.fullmatch(repository.host)),
        "sample": repository.identifier("F1"),
    }


def list_metadata_formats(arguments, repository):
    if "identifier" in arguments:
        repository.stamp(arguments["identifier"])
    return {"formats": FORMATS.values()}


def list_sets(arguments, repository):
    if "resumptionToken" in arguments:
        raise BAD_TOKEN  # the list is always whole
    return {"all_sets": sets.all_sets()}


def get_record(arguments, repository):
    stamp = repository.stamp(arguments["identifier"])
    form = _format(arguments["metadataPrefix"])
    return {"form": form, "records": repository.records([stamp], form)}


def list_identifiers(arguments, repository):
    _, stamps, resumption = _page(arguments)
    return {"headers": [repository.header(stamp) for stamp in stamps], "resumption": resumption}


def list_records(arguments, repository):
    form, stamps, resumption = _page(arguments)
    return {"form": form, "records": repository.records(stamps, form), "resumption": resumption}


def _format(prefix):
    if prefix not in FORMATS:
        known = ", ".join(FORMATS)
        raise ProtocolError("cannotDisseminateFormat", f"There is no “{prefix[:40]}” here. Ask for one of: {known}.")
    return FORMATS[prefix]


def _page(arguments):
    """The format, the stamps of one page, and how to go on: None if the list is whole."""
    wanted = selection(arguments)
    form = _format(wanted.prefix)
    belonging = sets.within(wanted.spec) if wanted.spec else Q()
    rows = []
    if belonging is not None:
        found = Stamp.objects.filter(belonging).changed(wanted.since, wanted.until)
        found = found.after(*wanted.after) if wanted.after else found
        rows = list(found[: A_PAGE + 1])
    if not rows:
        raise ProtocolError("noRecordsMatch", "Nothing that was asked for changed in that time.")
    stamps = rows[:A_PAGE]
    told = wanted.told + len(stamps)
    token = wanted.token(arguments["verb"], stamps[-1], told) if len(rows) > A_PAGE else ""
    return form, stamps, {"token": token, "cursor": wanted.told} if token or wanted.after else None


VERBS = {
    "Identify": identify,
    "ListMetadataFormats": list_metadata_formats,
    "ListSets": list_sets,
    "GetRecord": get_record,
    "ListIdentifiers": list_identifiers,
    "ListRecords": list_records,
}


@csrf_exempt  # nothing is changed, and harvesters may send forms
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request):
    repository = Repository(site_url(request))
    arguments, told, refusal = {}, {}, None
    try:
        arguments = arguments_of(request.POST if request.method == "POST" else request.GET)
        told = VERBS[arguments["verb"]](arguments, repository)
    except ProtocolError as error:
        refusal = error
        # As the protocol has it: arguments that cannot be trusted are not said back.
        arguments = {} if error.code in ("badVerb", "badArgument") else arguments
    context = {
        "now": timezone.now(),
        "repository": repository,
        "arguments": arguments,
        "error": refusal,
        "resumption": None,
        **told,
    }
    return answer(request, "oai/reply.xml", context, "text/xml")
