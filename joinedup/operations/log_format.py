"""How lines of the log are written: for people, or as JSON. Each names the request that it belongs to."""

import json
import logging
import re
from datetime import UTC, datetime

from joinedup.operations.request_log import current

# An address ends at its "?", whichever program logs it. The indented lines of code in a traceback do not.
QUERY = re.compile(r"^(\S.*?\?)\S.*", re.MULTILINE)


def without_queries(text):
    return QUERY.sub(r"\1…", text) if "?" in text else text


class Discreet(logging.Formatter):
    """Leaves out what people searched for."""

    def message(self, record):
        text = record.getMessage()
        if record.name == "gunicorn.error":
            text = text.partition("'")[0]  # it quotes what it could not read: part of an address, or a cookie
        return without_queries(text)

    def formatException(self, info):
        return without_queries(super().formatException(info))


class Plain(Discreet):
    def __init__(self):
        super().__init__("{asctime} {levelname} {name}{of_request}: {message}", style="{")

    def formatMessage(self, record):
        request = current.get()
        record.of_request = f" [{request.id}]" if request else ""
        record.message = self.message(record)
        line = super().formatMessage(record)
        # A path may hold a line break, and must not make a line that looks like another's.
        return line if line.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


class Json(Discreet):
    """One object a line: `time` (UTC), `level`, `logger`, `message`, and where there is one `request_id`, `method`,
    `path`, `status`, `ms` and `exception`."""

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
        }
        if request := current.get():
            line |= {"request_id": request.id, "method": request.method, "path": request.path}
        for name, attribute in {"status": "status_code", "ms": "ms"}.items():
            if hasattr(record, attribute):
                line[name] = getattr(record, attribute)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)
