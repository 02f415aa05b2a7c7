// The search of the offline copy: all words must stand in an entry, each at least as the beginning of one of its words.

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[-‐‑’']/g, "").toLowerCase();
const words = (text) => plain(text).match(/[\p{L}\p{N}]+/gu) || [];
const holds = (text, word) => ` ${words(text).join(" ")}`.includes(` ${word}`);

const score = (entry, asked) => {
  let total = 0;
  for (const word of asked) {
    const found = (entry.code.toLowerCase() === word ? 50 : 0) + (holds(entry.title, word) ? 5 : 0)
      + (holds(entry.summary, word) ? 2 : 0) + (holds(entry.text, word) ? 1 : 0);
    if (!found) return 0;
    total += found;
  }
  return entry.first ? total : total / 4;
};

const shown = (entry) => {
  const row = document.createElement("li");
  const top = Object.assign(document.createElement("p"), { className: "card-top sans" });
  top.textContent = [entry.kind, entry.code].filter(Boolean).join(" ");
  const heading = Object.assign(document.createElement("h3"), { className: "row-title" });
  heading.append(Object.assign(document.createElement("a"), { href: entry.link, textContent: entry.title }));
  const summary = Object.assign(document.createElement("p"), { textContent: entry.summary });
  row.append(top, heading, summary);
  return row;
};

const query = new URLSearchParams(location.search).get("q") || "";
document.querySelector("main input[name=q]").value = query;
const asked = words(query);
if (asked.length) {
  const found = ENTRIES.map((entry) => [score(entry, asked), entry]).filter(([points]) => points > 0);
  found.sort((a, b) => b[0] - a[0]);
  const count = found.length === 1 ? "1 result" : `${found.length} results`;
  document.querySelector("[data-count]").textContent = `${count} for “${query}”${found.length > 100 ? ", the first 100 shown" : ""}`;
  document.querySelector("[data-results]").append(...found.slice(0, 100).map(([, entry]) => shown(entry)));
}
