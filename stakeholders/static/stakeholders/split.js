// The page that splits a letter: what is marked in the letter becomes a passage. Without script, people cut the text.
(() => {
  "use strict";
  const words = document.getElementById("letter-words");
  const button = document.getElementById("mark-passage");
  const form = document.getElementById("split");
  if (!words || !button || !form) return;
  button.parentElement.hidden = false;
  let marked = "";
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (selection.rangeCount && words.contains(selection.anchorNode) && words.contains(selection.focusNode)) {
      marked = selection.toString().trim();
    }
  });
  button.addEventListener("click", () => {
    if (!marked) return;
    const empty = [...form.querySelectorAll("textarea")].find((field) => !field.value.trim());
    if (empty) {
      empty.value = marked;
      empty.focus();
      return;
    }
    const count = form.elements.count;
    const number = Number(count.value) + 1;
    const last = form.querySelector("fieldset:last-of-type");
    const made = last.cloneNode(true);
    for (const field of made.querySelectorAll("[name]")) {
      if (field.name.startsWith("point_")) {
        field.remove();
        continue;
      }
      const name = field.name.replace(/\d+$/, number);
      const label = made.querySelector(`label[for="${field.id}"]`);
      field.name = name;
      field.id = `id_${name}`;
      if (label) label.htmlFor = field.id;
      field.value = name.startsWith("text_") ? marked : "";
    }
    const legend = made.querySelector("legend");
    legend.textContent = legend.textContent.replace(/\d+/, number);
    last.after(made);
    count.value = String(number);
    made.querySelector("textarea").focus();
  });
})();
