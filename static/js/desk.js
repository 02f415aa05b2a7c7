// What scripts add to the desk: everything here works without them, by typing a number or saving first.

document.documentElement.classList.add("js");
const $ = window.django?.jQuery;

const say = document.createElement("p");
say.className = "vh";
say.setAttribute("role", "status");
document.body.append(say);

// Choosers: what tells an entry apart, and below it what it is called, and whether another part of the list has it.
let chooser = null;
$?.(document).on("select2:opening", (event) => {
  chooser = event.target;
});
const isTaken = (item) => {
  const field = chooser?.name.replace(/^.*-/, "");
  const others = chooser?.closest(".inline-group")?.querySelectorAll(`select[name$="-${field}"]`) ?? [];
  return [...others].some((other) => other !== chooser && other.value && other.value === String(item.id));
};
const shown = (item) => {
  if (!item.detail) return item.text;
  const option = document.createElement("span");
  const title = document.createElement("span");
  title.className = "option-title";
  title.textContent = isTaken(item) ? `${item.detail} (already in this list)` : item.detail;
  option.append(item.text, title);
  return option;
};
$?.fn.select2?.defaults.set("templateResult", shown);
$?.fn.select2?.defaults.set("templateSelection", (item) => (item.detail ? `${item.text}: ${item.detail}` : item.text));

// Its lookup fields are drawn by select2, which names them by their value only.
const nameLookups = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const drawn = select.nextElementSibling?.querySelector(".select2-selection");
    const name = select.getAttribute("aria-label") || document.querySelector(`label[for="${select.id}"]`)?.textContent;
    if (drawn && name) {
      const value = drawn.querySelector(".select2-selection__rendered");
      value?.removeAttribute("role");
      value?.removeAttribute("aria-readonly");
      // What several are chosen in is a list that holds a button too: it is read as its parts.
      if (value?.tagName === "UL") {
        for (const part of [value, ...value.children].filter((one) => one.matches("ul, li"))) part.setAttribute("role", "presentation");
      }
      drawn.setAttribute("aria-label", [name.trim().replace(/:$/, ""), value?.title].filter(Boolean).join(": "));
      drawn.removeAttribute("aria-labelledby");
      drawn.querySelector(".select2-search__field")?.setAttribute("aria-label", name.trim());
    }
  }
};
// In the order of registering: after select2 has drawn them.
$?.(nameLookups);
document.addEventListener("formset:added", nameLookups);
document.addEventListener("change", nameLookups);

// Its boxes that choose several name a picture that is none.
window.addEventListener("load", () => {
  for (const picture of document.querySelectorAll(".selector .help-tooltip[aria-label]")) picture.setAttribute("role", "img");
});

// A date and a time in two fields: their words stand before them, and name nothing.
for (const field of document.querySelectorAll(".datetime input:not([type='hidden'])")) {
  field.setAttribute("aria-label", field.previousSibling?.textContent.trim().replace(/:$/, "") || "Date");
}

for (const heading of document.querySelectorAll("th.original:empty")) {
  heading.outerHTML = '<td class="original"></td>';
}

// How many characters a heading has, of those that it should have.
for (const field of document.querySelectorAll("[data-count]")) {
  const most = Number(field.dataset.count);
  const counter = document.createElement("span");
  counter.className = "counter";
  counter.id = `${field.id}_count`;
  field.after(counter);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} ${counter.id}`.trim());
  const count = () => {
    const now = [...field.value].length;
    counter.textContent = `${now} of ${most} characters${now > most ? `, ${now - most} too many` : ""}`;
    counter.classList.toggle("counter-over", now > most);
  };
  field.addEventListener("input", count);
  count();
}

// What readers will see follows what is typed.
const valueOf = (field) => {
  if (field.tagName === "SELECT") return [...field.selectedOptions].map((one) => one.value && one.textContent).join(", ");
  if (field.tagName === "DIV") return field.querySelector(":checked")?.closest("label").textContent.trim();
  return field.value;
};
for (const place of document.querySelectorAll("[data-mirror]")) {
  const field = document.querySelector(`#id_${place.dataset.mirror}`);
  const empty = place.textContent;
  const show = () => {
    place.textContent = valueOf(field) || (field.value ? "" : empty);
  };
  if (!field) continue;
  field.addEventListener("input", show);
  if ($) $(field).on("change", show);
  if (valueOf(field)) show();
}

// Parts in order: their number is their place, and buttons or dragging move them.
const cards = (group) => [...group.querySelectorAll(".inline-related:not(.empty-form)")];
const groupOf = (card) => card.querySelector("select[name$='-role']")?.value ?? "";

const number = (group, writes) => {
  const places = {};
  const all = cards(group);
  all.forEach((card, at) => {
    const kind = groupOf(card);
    places[kind] = (places[kind] || 0) + 1;
    card.querySelector(".place").textContent = places[kind];
    const order = card.querySelector("input[name$='-order']");
    if (writes && order) order.value = places[kind];
    const [above, below] = card.querySelectorAll("[data-move]");
    if (above) above.disabled = at === 0;
    if (below) below.disabled = at === all.length - 1;
  });
};

const moved = (group, card) => {
  number(group, true);
  card.querySelector("input[name$='-order']")?.dispatchEvent(new Event("input", { bubbles: true }));
  say.textContent = `Now number ${cards(group).indexOf(card) + 1} of ${cards(group).length}`;
};

for (const group of document.querySelectorAll(".inline-group[data-ordered]")) {
  let dragged = null;
  number(group, false);
  group.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-move]");
    if (!button) return;
    const card = button.closest(".inline-related");
    const all = cards(group);
    const other = all[all.indexOf(card) + (button.dataset.move === "up" ? -1 : 1)];
    if (!other) return;
    if (button.dataset.move === "up") other.before(card);
    else other.after(card);
    moved(group, card);
    (button.disabled ? card.querySelector("[data-move]:enabled") : button)?.focus();
  });
  // A card is dragged by its heading alone, so that text in its fields can be marked.
  group.addEventListener("pointerdown", ({ target }) => {
    const card = target.closest(".inline-related");
    if (card) card.draggable = Boolean(target.closest("h3") && !target.closest("button, label, a"));
  });
  group.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".inline-related");
    dragged?.classList.add("is-moved");
  });
  group.addEventListener("dragover", (event) => {
    const over = event.target.closest(".inline-related:not(.empty-form)");
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged);
    else over.after(dragged);
  });
  group.addEventListener("dragend", () => {
    if (dragged) moved(group, dragged);
    dragged?.classList.remove("is-moved");
    dragged = null;
  });
  group.addEventListener("change", ({ target }) => {
    if (target.matches("select[name$='-role']")) number(group, false);
  });
}
for (const event of ["formset:added", "formset:removed"]) {
  document.addEventListener(event, () => {
    for (const group of document.querySelectorAll(".inline-group[data-ordered]")) number(group, false);
  });
}

// Of a work, the fields that its kind has, and those that are filled.
const told = document.querySelector("#fields-of");
if (told) {
  const fieldsOf = JSON.parse(told.textContent);
  const kinds = document.querySelector("#id_csl_type");
  const some = [...new Set(Object.values(fieldsOf).flat())];
  const show = () => {
    const wanted = fieldsOf[kinds?.querySelector(":checked")?.value] || some;
    for (const name of some) {
      const field = document.querySelector(`#id_${name}`);
      const box = field?.closest(".form-multiline > div, .form-row");
      if (box) box.hidden = !wanted.includes(name) && !field.value && !box.querySelector(".errorlist");
    }
    for (const row of document.querySelectorAll(".form-row:has(> .form-multiline)")) {
      const boxes = [...row.querySelectorAll(":scope > .form-multiline > div")];
      row.hidden = boxes.every((box) => box.hidden);
    }
  };
  kinds?.addEventListener("change", show);
  show();
}
