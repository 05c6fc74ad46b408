/* Forms of the desk: dates read back while one types, and nothing typed is lost by leaving. All of it works without. */
"use strict";
{
  const forms = () => document.querySelectorAll("#content-main form[method=post]");

  // Typed dates: the portal says how it reads them.
  let asked;
  const readBack = input => {
    const words = input.parentElement.querySelector(".typed-date-words");
    const seen = input.parentElement.querySelector("input[type=hidden]");
    const text = input.value;
    fetch(`${input.dataset.typedDate}?text=${encodeURIComponent(text)}`, { credentials: "same-origin" })
      .then(answer => (answer.ok ? answer.json() : null))
      .then(found => {
        if (!found || input.value !== text) return;
        const [english, spanish] = words.querySelectorAll("span");
        seen.value = found.edtf || "";
        english.textContent = found.refused || found.en;
        english.classList.toggle("typed-date-refused", Boolean(found.refused));
        english.lang = found.refused ? document.documentElement.lang : "en";
        spanish.textContent = found.es && found.es !== found.en ? found.es : "";
      })
      .catch(() => {});
  };
  document.addEventListener("input", event => {
    if (!event.target.dataset || !event.target.dataset.typedDate) return;
    event.target.parentElement.querySelector("input[type=hidden]").value = "";
    clearTimeout(asked);
    asked = setTimeout(() => readBack(event.target), 300);
  });

  // Leaving with changes that are not saved.
  let changed = false;
  let leaving = false;
  const note = event => {
    if (event.target.closest && event.target.closest("#content-main form[method=post]")) changed = true;
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  addEventListener("beforeunload", event => {
    if (changed && !leaving) event.preventDefault();
  });

  document.addEventListener("DOMContentLoaded", () => {
    // A form that came back with what was typed is not saved either.
    changed = Boolean(document.querySelector("#content-main .errornote, #content-main .errorlist"));
    if (window.django && django.jQuery) django.jQuery(document).on("select2:select select2:unselect formset:added", () => { changed = true; });
    for (const form of forms()) form.addEventListener("submit", () => { leaving = true; });
  });
  // What the script of the choices draws has the name of its field.
  const nameChoices = () => {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      const name = select.getAttribute("aria-label") || (label && label.textContent.replace(/:\s*$/, "").trim());
      const drawn = select.nextElementSibling;
      if (!name || !drawn) continue;
      for (const part of drawn.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]")) {
        part.setAttribute("aria-label", name);
        if (part.getAttribute("role") === "combobox") {
          const chosen = part.querySelector(".select2-selection__rendered[role=textbox]");
          part.removeAttribute("aria-labelledby");
          if (chosen && chosen.title) part.setAttribute("aria-label", `${name}: ${chosen.title}`);
        }
      }
    }
  };
  addEventListener("load", () => {
    nameChoices();
    new MutationObserver(nameChoices).observe(document.querySelector("#content-main") || document.body, { childList: true, subtree: true });
  });
  addEventListener("pageshow", () => { leaving = false; });
}
