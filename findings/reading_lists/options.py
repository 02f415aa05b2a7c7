"""What a handout is to hold and look like, as an address asks for it."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from sources.bibliography.references import STYLES

HOLDS = {
    "practice": "Practice points",
    "notes": "Lines for notes",
    "sources": "Sources",
    "strip": "QR strip to tear off",
}
UNLESS_SAID = ["practice", "notes", "sources"]


@dataclass
class Options:
    """`holds` are names of HOLDS; `problems` say what of the question made no sense."""

    body: bool = False
    large: bool = False
    style: str = "harvard"
    holds: list = field(default_factory=lambda: list(UNLESS_SAID))
    problems: list = field(default_factory=list)

    @classmethod
    def read(cls, parameters, body=False):
        """From a QueryDict; `body` holds where it does not say. An empty `with` says that nothing more is wanted."""
        options = cls(body)
        for name in ["body", "large"]:
            value = parameters.get(name, "")
            if value in {"0", "1"}:
                setattr(options, name, value == "1")
            elif value:
                options.problems.append(f"“{name}” can be 1 or 0, not “{value[:40]}”.")
        style = parameters.get("style", "") or "harvard"
        if style in STYLES:
            options.style = style
        else:
            options.problems.append(f"There is no style “{style[:40]}”: there are {', '.join(STYLES)}.")
        if "with" in parameters:
            wanted = [name for value in parameters.getlist("with") for name in value.split(",") if name]
            options.holds = [name for name in HOLDS if name in wanted]
            options.problems += [
                f"“with” can be {', '.join(HOLDS)}, not “{name[:40]}”." for name in wanted if name not in HOLDS
            ]
        return options

    @property
    def practice(self):
        return "practice" in self.holds

    @property
    def query(self):
        """What asks for the same."""
        looks = {"body": int(self.body), "large": int(self.large), "style": self.style, "with": ",".join(self.holds)}
        return urlencode(looks, safe=",")
