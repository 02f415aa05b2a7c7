"""Documents that were exported before a field was given up, in the form of today."""

from sources.bibliography.names import ORGANISATION, read_name


def of_today(document):
    """The document in the form of today, and remarks as (place, message). What is odd stays for `checking`."""
    if not isinstance(document, dict):
        return document, []
    document, remarks = dict(document), []
    for name, change in [("reviews", _compiler), ("terms", _no_rung)]:
        if isinstance(document.get(name), list):
            document[name] = [change(one, remarks) if isinstance(one, dict) else one for one in document[name]]
    return document, remarks


def _compiler(review, remarks):
    """`compiled_by` was a line of text; it became a contributor."""
    named = review.get("compiled_by", "")
    if "compiled_by" not in review or not isinstance(named, str):
        return review
    review = {key: value for key, value in review.items() if key != "compiled_by"}
    if named.strip() and not review.get("contributors"):
        name, _ = read_name(named) if not ORGANISATION.search(named) else (None, False)
        who = {"family": name.family, "given": name.given} if name and name.family else {"literal": named.strip()}
        review["contributors"] = [{"role": "compiler", **who}]
        told = f"family name {who['family']}" if "family" in who else "an organisation"
        remarks.append(
            (_place(review), f"“{named.strip()[:80]}” became its compiler ({told}). Check that this is right.")
        )
    return review


def _no_rung(term, remarks):
    """A term had a place on a ladder of words; the ladder was given up."""
    if "rung" not in term:
        return term
    if term["rung"]:
        called = term.get("preferred_label") or term.get("slug")
        remarks.append(
            (str(called)[:80], "The file gives it a rung of the ladder. It was left out: there is no ladder now.")
        )
    return {key: value for key, value in term.items() if key != "rung"}


def _place(review):
    return str(review.get("code") or review.get("title") or "Reviews")[:80]
