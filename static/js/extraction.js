// What the reading view can do faster with script: single keys, a part of a sentence, checks while one writes.
// Every step works without it.

const choose = document.querySelector("#choose");
const draft = document.querySelector("#draft");
const KEYS = "joined-up-single-keys";

document.documentElement.classList.add("js");

const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

function singleKeys() {
  const box = document.querySelector("#single-keys");
  if (!box) return;
  box.checked = localStorage.getItem(KEYS) !== "off";
  box.addEventListener("change", () => localStorage.setItem(KEYS, box.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    if (!box.checked || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    if (key === "n") document.querySelector("#next-open")?.click();
    else document.querySelector(`.make [data-key="${CSS.escape(key)}"]`)?.click();
  });
}

// The characters of a sentence up to a place in it, as the server counts them: code points.
function offset(text, node, at) {
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(node, at);
  return [...range.toString()].length;
}

function markedPart() {
  const selection = document.getSelection();
  const within = (node) => (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".sent-text");
  if (!selection || selection.isCollapsed) return;
  const text = within(selection.anchorNode);
  if (!text || text !== within(selection.focusNode)) return;
  const range = selection.getRangeAt(0);
  const start = offset(text, range.startContainer, range.startOffset);
  const end = offset(text, range.endContainer, range.endOffset);
  const label = text.dataset.label;
  document.querySelector("#part").value = `${label}:${start}-${end}`;
  for (const box of choose.querySelectorAll("[name=s]")) box.checked = box.value === label;
}

// A part belongs to the one sentence that it was marked in.
function withoutPart(event) {
  if (event.target.name === "s") document.querySelector("#part").value = "";
}

function checksWhileWriting() {
  const checks = document.querySelector("#checks");
  if (!draft || !checks) return;
  let waiting, asked = 0;
  draft.addEventListener("input", (event) => {
    if (event.target.closest("#checks")) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++asked;
      const answer = await fetch(draft.dataset.checks, { method: "POST", body: new FormData(draft) }).catch(() => null);
      if (!answer?.ok || mine !== asked || checks.contains(document.activeElement)) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      checks.replaceChildren(...page.body.childNodes);
    }, 600);
  });
}

singleKeys();
checksWhileWriting();
if (choose) {
  document.addEventListener("selectionchange", markedPart);
  choose.addEventListener("change", withoutPart);
}
