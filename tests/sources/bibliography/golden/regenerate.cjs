// Writes into references.json what citeproc-js makes of each case, for tests/sources/bibliography/test_references.py to compare.
//
//   node tests/sources/bibliography/golden/regenerate.cjs FOLDER
//
// FOLDER has harvard-cite-them-right.csl, apa.csl, nlm-citation-sequence.csl, locales-en-GB.xml and locales-en-US.xml,
// as the CSL project publishes them; the package "citeproc" must be where Node looks (NODE_PATH). Only for developers:
// nothing of either is used or shipped by the site.
const fs = require("fs");
const path = require("path");
const CSL = require("citeproc");

const folder = process.argv[2];
const file = path.join(__dirname, "references.json");
const STYLES = {
  harvard: ["harvard-cite-them-right.csl", "en-GB"],
  apa: ["apa.csl", "en-US"],
  vancouver: ["nlm-citation-sequence.csl", "en-US"],
};
const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
const ENTITIES = { "&#38;": "&amp;", "&#60;": "&lt;", "&#62;": "&gt;" };

function made(items, [name, locale]) {
  const byId = Object.fromEntries(items.map((item) => [item.id, item]));
  const system = {
    retrieveLocale: (asked) => read(`locales-${asked === "en-GB" ? "en-GB" : "en-US"}.xml`),
    retrieveItem: (id) => JSON.parse(JSON.stringify(byId[id])),
  };
  const engine = new CSL.Engine(system, read(name), locale, true);
  // As the manual of APA wants it, and Zotero has it too: a capital behind the colon.
  engine.opt.development_extensions.uppercase_subtitles = name === "apa.csl";
  engine.updateItems(items.map((item) => item.id));
  const references = engine.makeBibliography()[1].map((entry) =>
    entry
      .replace(/<div class="csl-left-margin">(.*?)<\/div>\s*/s, "$1 ")
      .replace(/<\/?div[^>]*>/g, "")
      // Citing Medicine has a hyphen between pages; its CSL style takes the dash of the locale.
      .replace(/(\d)–(?=\d)/g, name.startsWith("nlm") ? "$1-" : "$1–")
      .replace(/&#\d\d;/g, (entity) => ENTITIES[entity] || entity)
      .trim(),
  );
  const citations = items.map((item) => engine.previewCitationCluster({ citationItems: [{ id: item.id }], properties: {} }, [], [], "html").replace(/&#38;/g, "&amp;"));
  return { references, citations };
}

const golden = JSON.parse(fs.readFileSync(file, "utf8"));
for (const [name, style] of Object.entries(STYLES)) {
  for (const one of golden.cases) {
    const { references, citations } = made([one.csl], style);
    one[name] = references[0];
    if (name !== "vancouver") (one.cited ||= {})[name] = citations[0];
  }
  for (const list of golden.lists) {
    list[name] = made(list.items, style).references;
  }
}
fs.writeFileSync(file, JSON.stringify(golden, null, 2) + "\n");
