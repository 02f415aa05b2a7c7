"""The page of an import while a process works on it: how far it is, and a button that stops it."""

from django.contrib import messages
from django.http import HttpResponseRedirect

from curation.imports import running

SECONDS = 2  # until the page looks again


class RunPages:
    """For the ModelAdmin of imports."""

    def running_view(self, request, run):
        batch = run.batch
        if request.method == "POST":
            if "stop" in request.POST:
                running.stop(run)
            else:
                told = f"Nothing was done: this import is {run.get_act_display()}."
                self.message_user(request, told, messages.WARNING)
            return HttpResponseRedirect(batch.address)
        percent = int(running.share(run) * 100)
        context = {
            "title": f"{percent} %: {batch} is {run.get_act_display()}",
            "batch": batch,
            "run": run,
            "percent": percent,
            "is_to_stop": running.is_to_stop(run),
            "seconds": SECONDS,
        }
        response = self.import_page(request, "running", batch.file_type, **context)
        response["Cache-Control"] = "no-store"
        return response
