// Suggestions below a search box or a field of tags, as the ARIA 1.2 combobox with a list box. The form works without
// this file.
const WAIT = 150;
const TO_DIVIDE = /[,;"]/;
const KINDS = {
  term: "Search for this",
  theme: "Theme",
  finding: "Finding",
  implication: "Practice point",
  "key-message": "Key message",
  source: "Source",
};

// Where the last of several items begins: after a comma or semicolon that is not within quotation marks.
const startOfLast = (text) => {
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"' && (isQuoted || !text.slice(start, at).trim())) isQuoted = !isQuoted;
    else if (!isQuoted && /[,;]/.test(text[at])) start = at + 1;
  }
  return start;
};

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const takesSeveral = "suggestSeveral" in input.dataset;
  const list = document.createElement("ul");
  list.id = `${input.id}-list`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  const place = takesSeveral ? document.createElement("div") : input.form;
  if (takesSeveral) {
    place.className = "suggesting";
    input.replaceWith(place);
    place.append(input);
  }
  place.append(list);
  const status = document.createElement("span");
  status.className = "vh";
  status.setAttribute("role", "status");
  place.append(status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  let timer, asked, chosen = -1;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    const options = [...list.children];
    chosen = (index + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    input.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  };

  const take = ({ dataset: { url }, firstChild }) => {
    if (url) return location.assign(url);
    const start = startOfLast(input.value);
    const text = firstChild.textContent;
    const written = TO_DIVIDE.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    input.value = `${input.value.slice(0, start)}${start ? " " : ""}${written}, `;
    close();
    status.textContent = `${text} added`;
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
  };

  const show = (suggestions) => {
    list.replaceChildren(
      ...suggestions.map(({ text, url, kind }, i) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        if (url) option.dataset.url = url;
        const label = document.createElement("span");
        label.textContent = text;
        const what = document.createElement("small");
        what.textContent = KINDS[kind] ?? "";
        option.append(label, ...(kind ? [what] : []));
        return option;
      }),
    );
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !suggestions.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = suggestions.length ? `${suggestions.length} suggestions, use the arrow keys` : "";
  };

  const ask = async () => {
    const before = takesSeveral ? startOfLast(input.value) : 0;
    const q = input.value.slice(before).trim().replace(takesSeveral ? /^"/ : "", "");
    asked = q;
    if (q.length < (takesSeveral ? 1 : 2)) return close();
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(q)}`);
      const { suggestions } = await answer.json();
      if (asked === q && document.activeElement === input) show(suggestions);
    } catch {
      close(); // No suggestions is no error: the search itself still works.
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });

  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return void ask();
      event.preventDefault();
      choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Tab") {
      close();
    }
  });

  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // The focus stays in the box.
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  input.addEventListener("blur", close);
}
