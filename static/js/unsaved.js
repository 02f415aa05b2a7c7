// Leaving a form of the desk that was changed, or that gives back what was typed before, asks first.

const forms = document.querySelectorAll(
  '#content form[method="post"]:not(#changelist-form, #login-form:not([data-unsaved]))',
);
let leaves = false;

const isChanged = (field) => {
  if (field.type === "hidden" || field.disabled || !field.name) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") {
    const options = [...field.options];
    const isMarked = options.some((option) => option.defaultSelected);
    return options.some((option) => option.selected !== (isMarked ? option.defaultSelected : option.value === ""));
  }
  return "defaultValue" in field && field.value !== field.defaultValue;
};

// A form that was refused, or is given back, holds what is saved nowhere.
const HELD = ".answers-post .errornote, .answers-post .errorlist, .given-back";
const isUnsaved = (form) =>
  form.matches("[data-unsaved]") ||
  document.querySelector(HELD) !== null ||
  [...form.elements].some(isChanged);

for (const form of forms) {
  form.addEventListener("submit", () => {
    leaves = true;
  });
}
const state = document.querySelector("[data-save-state]");
document.addEventListener("input", ({ target }) => {
  if (state && target.form?.contains(state)) {
    state.replaceChildren();
    const told = document.createElement("strong");
    told.textContent = isUnsaved(target.form) ? "Not saved yet." : "";
    if (told.textContent) state.append(told);
  }
});
window.addEventListener("pageshow", () => {
  leaves = false;
});
window.addEventListener("beforeunload", (event) => {
  if (!leaves && [...forms].some(isUnsaved)) event.preventDefault();
});
