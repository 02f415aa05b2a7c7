"""The pages of a team check, and its Word document."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from curation.routes import site_url
from findings.team_check.team_check import MOST_IN_A_NOTE, Answer, TeamCheck

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


# No token against forgery: nothing is stored that somebody else could forge, and a token would need a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def team_check(request):
    """The questions, and with answers the result. Answers alone go to an address; with notes, which have no place in
    one, the form is answered directly."""
    check = TeamCheck.load(request.POST or request.GET)
    if not check.address or "change" in (request.POST or request.GET):
        if request.method == "POST" and not check.address:
            check.notices.append("Nothing is answered yet. Choose an answer for at least one point.")
        return render(request, "findings/team_check.html", {"check": check, "answers": Answer, "most": MOST_IN_A_NOTE})
    address = f"{reverse('team-check')}?a={check.address}"
    if request.method == "POST" and not check.notes and not check.notices:
        return HttpResponseRedirect(address, status=303)
    context = {"check": check, "answers": Answer, "address": site_url(request) + address, "today": localdate()}
    return render(request, "findings/team_check_result.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def team_check_file(request):
    """The result, with the notes that are sent along, as a Word document."""
    check = TeamCheck.load(request.POST or request.GET)
    if not check.address:
        return redirect("team-check")
    from findings.team_check.word import team_check_docx  # with its library, for the first who asks

    site, today = site_url(request), localdate()
    address = f"{site}{reverse('team-check')}?a={check.address}"
    return HttpResponse(
        team_check_docx(check, address, site, today),
        content_type=WORD,
        headers={"Content-Disposition": f'attachment; filename="team-check-{today}.docx"'},
    )
