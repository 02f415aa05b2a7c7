"""The pages of a team check, and its Word document."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from curation.routes import site_url
from findings.team_check.answers import MOST_IN_A_LINE, MOST_IN_A_NOTE, Answer
from findings.team_check.selection import choices
from findings.team_check.team_check import TeamCheck

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_ROWS_MORE = 10


# No token against forgery: nothing is stored that somebody else could forge, and a token would need a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def team_check(request):
    """The questions, and with answers the result. Answers alone go to an address; with what has no place in one (notes,
    actions, the name of the team, the date), the form is answered directly."""
    data = request.POST or request.GET
    check = TeamCheck.load(data)
    context = {"check": check, "answers": Answer, "most": MOST_IN_A_NOTE, "most_in_a_line": MOST_IN_A_LINE}
    if not check.answers or "change" in data:
        if request.method == "POST" and not check.answers:
            check.notices.append("Nothing is answered yet. Choose an answer for at least one point.")
        return render(request, "findings/team_check.html", {**context, "choices": choices()})
    address = f"{reverse('team-check')}?{check.query}"
    if request.method == "POST" and check.typed.is_bare and not check.notices and "more" not in data:
        return HttpResponseRedirect(address, status=303)
    context |= {"address": site_url(request) + address, "today": localdate(), "actions": check.actions(_more(data))}
    return render(request, "findings/team_check_result.html", context)


def _more(data):
    """How many free rows for actions are shown: one, and one more each time that is asked for."""
    rows = data.get("rows", "")
    shown = int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 3 else 0
    return min(shown + ("more" in data), MOST_ROWS_MORE)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def team_check_file(request):
    """The result, with what is sent along, as a Word document."""
    check = TeamCheck.load(request.POST or request.GET)
    if not check.answers:
        return redirect("team-check")
    from findings.team_check.word import team_check_docx  # with its library, for the first who asks

    site, today = site_url(request), localdate()
    address = f"{site}{reverse('team-check')}?{check.query}"
    return HttpResponse(
        team_check_docx(check, address, site, today),
        content_type=WORD,
        headers={"Content-Disposition": f'attachment; filename="team-check-{today}.docx"'},
    )
