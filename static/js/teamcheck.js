// A team's answers and notes, remembered by this tab (sessionStorage) until it is closed or they are cleared, and sent
// nowhere. Without this file the page works, and a browser going back fills in what was typed by itself.
// Each check has a memory of its own, by the answers that its page came with; in it, what was typed stands by code.
// What was cleared can be brought back on the page where it was, and is nowhere else.
const form = document.querySelector("form[data-draft]");
const key = (answers, of = "") => `team-check?a=${answers}${of && `&${of}`}`;

const read = (name) => {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? {};
  } catch {
    return null; // no storage here
  }
};
const keep = (name, typed) => {
  try {
    sessionStorage.setItem(name, JSON.stringify(typed));
  } catch {
    // Private windows may refuse.
  }
};
const holds = (typed) => Object.values(typed ?? {}).some(({ answer, note }) => answer || note);
const NEW = "team-check-new"; // what was typed when a new check was begun

if (form) {
  const name = key(form.dataset.draft, form.dataset.draftOf);
  const part = (selector) => document.querySelector(`[data-draft-${selector}]`);
  const notes = [...form.querySelectorAll("textarea, [data-draft-line]")];
  const codeOf = (note) => note.name.replace(/^note-/, "");
  const radios = (note) => (note.matches("textarea") ? [...form.elements[codeOf(note)]] : []);
  const fit = (note) => { while (note.scrollHeight > note.clientHeight + 2 && note.rows < 30) note.rows += 1; };

  const typed = () => Object.fromEntries(notes.map((note) => {
    const answer = radios(note).find((radio) => radio.checked)?.value ?? "";
    return [codeOf(note), { answer, note: note.value }];
  }));
  const fill = (typed) => {
    for (const note of notes) {
      const { answer = "", note: text = "" } = typed[codeOf(note)] ?? {};
      for (const radio of radios(note)) radio.checked = radio.value === answer;
      note.value = text;
      fit(note);
    }
  };
  const say = (words) => { part("said").textContent = words; };
  let cleared = null;
  const show = () => {
    part("kept").hidden = false;
    part("clear").hidden = !holds(typed());
    part("undo").hidden = holds(typed()) || !holds(cleared);
  };
  // What was typed at points that are not asked here stays in the memory.
  const remember = () => {
    keep(name, { ...read(name), ...typed() });
    show();
  };

  // After the browser has filled in what it remembers itself. Answers that were sent here to be changed are newer than
  // the memory, unless the page is one that was there before.
  addEventListener("pageshow", (event) => {
    const memory = read(name);
    if (!memory) return;
    const arrival = event.persisted ? "back_forward" : performance.getEntriesByType("navigation")[0].type;
    const sent = form.dataset.draft && arrival === "navigate";
    if (sent || !sessionStorage.getItem(name)) return remember();
    fill(memory);
    if (!form.dataset.draft) {
      cleared = read(NEW);
      sessionStorage.removeItem(NEW);
    }
    show();
    if (arrival !== "navigate") return;
    if (holds(memory)) say("Your answers and notes are here as you left them. You can clear them at the end of the page.");
    else if (holds(cleared)) say("Your earlier answers and notes were cleared. You can bring them back at the end of the page.");
  });
  form.addEventListener("input", (event) => {
    if (event.target.matches("textarea")) fit(event.target);
    if (read(name)) remember();
  });
  const replace = (typed, words, button) => {
    fill(typed);
    keep(name, typed);
    show();
    say(words);
    part(button).focus();
  };
  part("clear").addEventListener("click", () => {
    cleared = typed();
    replace({}, "Answers and notes are cleared.", "undo");
  });
  part("undo").addEventListener("click", () => replace(cleared, "Your answers and notes are back.", "clear"));
}

// The actions on the page of a result, for whoever reads a finding and comes back.
const result = document.querySelector("form[data-kept-as]");
if (result) {
  const name = `team-check-actions?a=${result.dataset.keptAs}`;
  const fields = [...result.elements].filter((field) => /^(what|who|when)-/.test(field.name) && field.type !== "hidden");
  addEventListener("pageshow", () => {
    const memory = read(name) ?? {};
    for (const field of fields) if (!field.value) field.value = memory[field.name] ?? "";
  });
  for (const field of fields) {
    field.addEventListener("input", () => keep(name, Object.fromEntries(fields.map((one) => [one.name, one.value]))));
  }
}

document.querySelector("[data-draft-new]")?.addEventListener("click", () => {
  const typed = read(key(""));
  if (!holds(typed)) return;
  keep(NEW, typed);
  keep(key(""), {});
});
