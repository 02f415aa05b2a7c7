// The reading list that this browser remembers: codes, in localStorage. The address of the list remains the truth, and
// nothing is sent anywhere. Every page works without this file: the links lead to the list with the entry added.
const KEY = "reading-list";
const CHANGING = "reading-list-changing";
const MOST = 100;
const LETTER_AND_NUMBER = /^[A-Z][1-9][0-9]{0,8}$/;

const read = () => {
  try {
    return (localStorage.getItem(KEY) || "").split(",").filter((code) => LETTER_AND_NUMBER.test(code));
  } catch {
    return null; // no storage here: the plain links do
  }
};
const keep = (codes) => {
  try {
    localStorage.setItem(KEY, codes.join(","));
  } catch {
    // Private windows may refuse.
  }
};

const tool = document.querySelector("[data-list-tool]");
const address = (codes) => tool.dataset.listTool + (codes.length ? `?items=${codes.join(",")}` : "");

function show() {
  const codes = read();
  if (!codes) return;
  tool.href = address(codes);
  const count = tool.querySelector("[data-list-count]");
  count.hidden = !codes.length;
  count.firstElementChild.textContent = codes.length;
  for (const link of document.querySelectorAll("[data-list-add]")) {
    const listed = codes.includes(link.dataset.listAdd);
    link.href = address(listed ? codes : [...codes, link.dataset.listAdd]);
    link.toggleAttribute("data-listed", listed);
    link.querySelector("[data-list-label]").textContent = listed ? "On your list" : "Add to list";
    link.querySelector("use").setAttribute("href", listed ? "#i-check" : "#i-plus");
  }
}

const page = document.querySelector("[data-list]");

function showWhoseList() {
  const codes = read();
  if (!codes) return;
  const here = page.dataset.list;
  if (sessionStorage.getItem(CHANGING) || (here && !codes.length)) keep(here.split(",").filter(Boolean));
  sessionStorage.removeItem(CHANGING);
  page.querySelector("[data-list-foreign]").hidden = !here || read().join(",") === here;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-list-add], [data-list-change], [data-list-keep], [data-list-clear]");
  const codes = read();
  if (!link || !codes || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.matches("[data-list-add]")) {
    if (link.hasAttribute("data-listed")) return; // it leads to the list
    event.preventDefault();
    const said = document.querySelector("[data-list-said]");
    if (codes.length >= MOST) {
      said.textContent = `Your list is full: it holds ${MOST} entries.`;
      return;
    }
    keep([...codes, link.dataset.listAdd]);
    show();
    said.textContent = `${link.dataset.listAdd} is on your reading list.`;
  } else if (link.matches("[data-list-keep]")) {
    keep(page.dataset.list.split(","));
    show();
    showWhoseList();
    document.querySelector("h1").setAttribute("tabindex", "-1");
    document.querySelector("h1").focus();
  } else if (link.matches("[data-list-clear]")) {
    if (codes.join(",") === page.dataset.list) keep([]);
  } else if (link.matches("a")) {
    willChange();
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-list-change]") && read()) willChange();
});

// A change of the list that is remembered is remembered too; one of somebody else's list is not.
function willChange() {
  if (read().join(",") === page.dataset.list) sessionStorage.setItem(CHANGING, "1");
}

if (page) showWhoseList();
show();
addEventListener("storage", show);
addEventListener("pageshow", show);
