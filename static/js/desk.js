// What the pages of Django's admin leave unnamed for people who listen to them.

// Its lookup fields are drawn by select2, which names them by their value only.
const nameLookups = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const drawn = select.nextElementSibling?.querySelector(".select2-selection");
    const name = select.getAttribute("aria-label") || document.querySelector(`label[for="${select.id}"]`)?.textContent;
    if (drawn && name) {
      const shown = drawn.querySelector(".select2-selection__rendered");
      shown?.removeAttribute("role");
      shown?.removeAttribute("aria-readonly");
      const value = shown?.title;
      drawn.setAttribute("aria-label", [name.trim().replace(/:$/, ""), value].filter(Boolean).join(": "));
      drawn.removeAttribute("aria-labelledby");
    }
  }
};

for (const heading of document.querySelectorAll("th.original:empty")) {
  heading.outerHTML = '<td class="original"></td>';
}
// In the order of registering: after select2 has drawn them.
window.django?.jQuery(nameLookups);
document.addEventListener("formset:added", nameLookups);
document.addEventListener("change", nameLookups);
