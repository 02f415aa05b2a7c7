// The reading list that this browser remembers: codes, title and notes, in localStorage. The address of the list remains
// the truth, and nothing is sent anywhere. Every page works without this file: its links take the list along.
const KEY = "reading-list";
const NAMING = "reading-list-naming"; // title, group, date and notes, as in the address
const CHANGING = "reading-list-changing";
const MOST = 500;
const LETTER_AND_NUMBER = /^[A-Z][1-9][0-9]{0,8}$/;
const NAMES = /^(title|group|date|n[A-Z][1-9][0-9]{0,8})$/;

const coded = (text) => (text || "").split(",").filter((code) => LETTER_AND_NUMBER.test(code));
const read = () => {
  try {
    return coded(localStorage.getItem(KEY));
  } catch {
    return null; // no storage here: the plain links do
  }
};
const naming = () => localStorage.getItem(NAMING) || "";
const named = (query) => {
  const kept = [...new URLSearchParams(query)].filter(([name]) => NAMES.test(name));
  return new URLSearchParams(kept).toString();
};
const keep = (codes, names = naming()) => {
  try {
    localStorage.setItem(KEY, codes.join(","));
    localStorage.setItem(NAMING, codes.length ? names : "");
  } catch {
    // Private windows may refuse.
  }
};

const tool = document.querySelector("[data-list-tool]");
const said = document.querySelector("[data-list-said]");
const tray = document.querySelector("[data-list-tray]");
const query = (codes) => [`items=${codes.join(",")}`, named(naming())].filter(Boolean).join("&");
const address = (codes, page = tool.dataset.listTool) => page + (codes.length ? `?${query(codes)}` : "");

function show() {
  const codes = read();
  if (!codes) return;
  tool.href = address(codes);
  const count = tool.querySelector("[data-list-count]");
  count.hidden = !codes.length;
  count.firstElementChild.textContent = codes.length;
  if (tray) {
    tray.hidden = !codes.length;
    tray.querySelector("strong").textContent = `${codes.length} ${codes.length === 1 ? "entry" : "entries"} on your reading list`;
    for (const link of tray.querySelectorAll("a")) link.href = address(codes, link.pathname);
  }
  for (const link of document.querySelectorAll("[data-list-add]")) {
    const listed = codes.includes(link.dataset.listAdd);
    link.href = address(listed ? codes : [...codes, link.dataset.listAdd]);
    link.toggleAttribute("data-listed", listed);
    link.querySelector("[data-list-label]").textContent = listed ? "On your list" : "Add to list";
    link.querySelector("use").setAttribute("href", listed ? "#i-check" : "#i-plus");
  }
}

const page = document.querySelector("[data-list]");
const here = page ? page.dataset.list : "";
const isMine = () => read().join(",") === here && named(naming()) === named(page.dataset.listQuery);

function showWhoseList() {
  const codes = read();
  if (!codes) return;
  if (sessionStorage.getItem(CHANGING) || (here && !codes.length)) keep(coded(here), named(page.dataset.listQuery));
  sessionStorage.removeItem(CHANGING);
  page.querySelector("[data-list-foreign]").hidden = !here || isMine();
  page.querySelector("[data-list-offer]").hidden = Boolean(here) || !read().length;
  const mine = page.querySelector("[data-list-mine]");
  mine.href = address(read());
  mine.lastElementChild.textContent = `Open it: ${read().length} on it`;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-list-add], [data-list-keep], [data-list-clear]");
  const codes = read();
  if (!link || !codes || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.matches("[data-list-add]")) {
    if (link.hasAttribute("data-listed")) return; // it leads to the list
    event.preventDefault();
    if (codes.length >= MOST) {
      said.textContent = `Your list is full: it holds ${MOST} entries.`;
      return;
    }
    keep([...codes, link.dataset.listAdd]);
    show();
    said.textContent = `${link.dataset.listAdd} is on your reading list.`;
  } else if (link.matches("[data-list-keep]")) {
    keep(coded(here), named(page.dataset.listQuery));
    show();
    showWhoseList();
    document.querySelector("h1").setAttribute("tabindex", "-1");
    document.querySelector("h1").focus();
  } else if (codes.join(",") === here) {
    keep([]);
  }
});

// A change of the list that is remembered is remembered too; one of somebody else's list is not. The row that was moved
// stays where it was on the screen, and the focus on its button.
const PLACE = "reading-list-place";
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-list-change]") || !read()) return;
  if (isMine()) sessionStorage.setItem(CHANGING, "1");
  const [code, act] = event.submitter?.name === "act" ? event.submitter.value.split(".") : [];
  if (!act) return;
  const row = document.getElementById(code);
  const top = (row || event.submitter).getBoundingClientRect().top;
  sessionStorage.setItem(PLACE, JSON.stringify({ code, act, top, scrolled: scrollY }));
});

function takeUpPlace() {
  const done = page.querySelector("[data-list-done]");
  if (!done) return;
  const address = new URL(location);
  for (const name of ["done", ...(done.querySelector("input") ? [`n${done.dataset.listDone}`] : [])]) {
    address.searchParams.delete(name);
  }
  address.search = address.search.replaceAll("%2C", ",");
  history.replaceState(null, "", address.pathname + address.search); // what is bookmarked tells of no act
  const words = done.querySelector("p").textContent;
  setTimeout(() => { said.textContent = words; }, 150);
  const { code, act, top, scrolled } = JSON.parse(sessionStorage.getItem(PLACE) || "{}");
  sessionStorage.removeItem(PLACE);
  if (!act) return;
  const row = document.getElementById(code);
  const button = row
    ? row.querySelector(`[value="${code}.${act}"]`) || row.querySelector("button[name=act]")
    : done.querySelector("button");
  scrollTo({ top: row ? scrollY + row.getBoundingClientRect().top - top : scrolled, behavior: "instant" });
  button?.focus({ preventScroll: Boolean(row) });
}

if (read()) {
  for (const link of document.querySelectorAll("a[data-taken]")) link.setAttribute("href", link.dataset.taken);
  for (const field of document.querySelectorAll("input[data-taken]")) field.remove();
}
if (page) {
  showWhoseList();
  if (read()) takeUpPlace();
}
show();
addEventListener("storage", show);
addEventListener("pageshow", show);
