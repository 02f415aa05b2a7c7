"""A harvester's request, read strictly, as the protocol wants it: its arguments, dates and resumption tokens."""

import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.core import signing

REQUIRED = {
    "Identify": (),
    "ListMetadataFormats": (),
    "ListSets": (),
    "GetRecord": ("identifier", "metadataPrefix"),
    "ListIdentifiers": ("metadataPrefix",),
    "ListRecords": ("metadataPrefix",),
}
SELECTING = ("from", "until", "set", "resumptionToken")
OPTIONAL = {
    "ListMetadataFormats": ("identifier",),
    "ListSets": ("resumptionToken",),
    "ListIdentifiers": SELECTING,
    "ListRecords": SELECTING,
}
NAME = re.compile(r"[\w.!~*'()-]+", re.ASCII)  # of a format, and each part of that of a set
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)


class ProtocolError(Exception):
    """What a harvester did wrong: the protocol's code for it, and a sentence."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def bad_argument(message):
    return ProtocolError("badArgument", message)


BAD_TOKEN = ProtocolError("badResumptionToken", "This token was not made here for this verb. Start the list again.")


def arguments_of(params):
    """The arguments of a request, the verb among them, each once. Raises ProtocolError."""
    verbs = params.getlist("verb")
    if len(verbs) != 1:
        raise ProtocolError("badVerb", "Give one verb." if verbs else f"Give a verb: {', '.join(REQUIRED)}.")
    (verb,) = verbs
    if verb not in REQUIRED:
        raise ProtocolError("badVerb", f"“{verb[:40]}” is no verb. Give one of these: {', '.join(REQUIRED)}.")
    for name, values in params.lists():
        if name not in ("verb", *REQUIRED[verb], *OPTIONAL.get(verb, ())):
            raise bad_argument(f"{verb} takes no “{name[:40]}”.")
        if len(values) > 1:
            raise bad_argument(f"Give “{name}” once.")
    arguments = params.dict()
    if "resumptionToken" in arguments:
        if len(arguments) > 2:
            raise bad_argument("With a resumptionToken, give the verb and nothing else.")
    else:
        for name in REQUIRED[verb]:
            if name not in arguments:
                raise bad_argument(f"{verb} needs “{name}”.")
    if not NAME.fullmatch(arguments.get("metadataPrefix", "none")):
        raise bad_argument("“metadataPrefix” is no name of a format: ListMetadataFormats gives them.")
    if not all(NAME.fullmatch(part) for part in arguments.get("set", "none").split(":")):
        raise bad_argument("“set” is no name of a set: ListSets gives them.")
    return arguments


@dataclass(frozen=True)
class Selection:
    """What a list is to hold. `after` is the place where the last page ended: a moment and the key of a stamp."""

    prefix: str
    since: datetime | None = None
    until: datetime | None = None
    spec: str = ""
    after: tuple | None = None
    told: int = 0

    def token(self, verb, stamp, told):
        """For the page after `stamp`, when so many were `told`. It holds a place in the order of changes and not a
        number of rows to skip: what changes between two pages moves to the end, and nothing is left out."""
        wanted = asdict(self) | {"after": (stamp.changed_at, stamp.pk), "told": told}
        return signing.dumps({name: _plain(value) for name, value in wanted.items()}, salt=_salt(verb))


def selection(arguments):
    """The Selection that the arguments of a list verb ask for. Raises ProtocolError."""
    if "resumptionToken" in arguments:
        return _resumed(arguments["verb"], arguments["resumptionToken"])
    since, until = arguments.get("from", ""), arguments.get("until", "")
    if since and until and len(since) != len(until):
        raise bad_argument("Give “from” and “until” both as days or both to the second.")
    wanted = Selection(
        arguments["metadataPrefix"],
        _moment("from", since, "T00:00:00Z") if "from" in arguments else None,
        _moment("until", until, "T23:59:59Z") if "until" in arguments else None,
        arguments.get("set", ""),
    )
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise bad_argument("“from” is later than “until”.")
    return wanted


def _moment(name, text, rest_of_day):
    try:
        if not MOMENT.fullmatch(text):
            raise ValueError
        text = text if "T" in text else text + rest_of_day
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise bad_argument(f"Write “{name}” like 2024-05-31 or 2024-05-31T10:00:00Z, in UTC.") from None


def _resumed(verb, token):
    try:
        held = signing.loads(token, salt=_salt(verb))
    except signing.BadSignature:
        raise BAD_TOKEN from None
    moment, pk = held["after"]
    times = {name: held[name] and datetime.fromisoformat(held[name]) for name in ("since", "until")}
    return Selection(**{**held, **times, "after": (datetime.fromisoformat(moment), pk)})


def _plain(value):
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _salt(verb):
    return f"oai-pmh {verb}"
