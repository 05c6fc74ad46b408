// Keeps what is typed into a letter in this browser until it is sent. Without it the form works as well.
"use strict";
(() => {
  const form = document.querySelector("[data-letter]");
  const KEY = "letter-draft";
  const WEEK = 7 * 24 * 3600 * 1000;
  // Neither what guards the form nor what is confidential.
  const LEFT_OUT = /^(website_of_sender|shown|once|draft|points|part_.*|remove_.*)$/;
  if (!form) return;
  const kept = form.querySelector("[data-kept]");
  const fields = () => [...form.elements].filter((field) => field.name && field.type !== "file" && field.type !== "submit" && !LEFT_OUT.test(field.name));

  function read() {
    try {
      const found = JSON.parse(localStorage.getItem(KEY));
      return found && Date.now() - found.at < WEEK ? found.values : null;
    } catch {
      return null;
    }
  }

  function forget() {
    try {
      localStorage.removeItem(KEY);
    } catch {
      // No storage: nothing was kept.
    }
  }

  function keep() {
    const values = {};
    for (const field of fields()) {
      if (field.type === "radio") {
        if (field.checked) values[field.name] = field.value;
      } else if (field.value) {
        values[field.name] = field.value;
      }
    }
    try {
      localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), values }));
    } catch {
      // Full or forbidden: the form works without.
    }
  }

  // A page that came back with errors holds newer words than the store.
  const fresh = !document.getElementById("errors") && fields().every((field) => field.type === "radio" || field.tagName === "SELECT" || !field.value);
  const values = fresh ? read() : null;
  const points = values ? Object.keys(values).filter((name) => name.startsWith("text_")).map((name) => Number(name.slice(5))) : [];
  const wanted = Math.min(Math.max(0, ...points), 10);
  if (wanted > Number(form.elements.points.value) && !location.search.includes("points=")) {
    location.replace(`${location.pathname}${location.search ? `${location.search}&` : "?"}points=${wanted}`);
  }
  if (values) {
    for (const field of fields()) {
      if (!(field.name in values)) continue;
      if (field.type === "radio") field.checked = field.value === values[field.name];
      else field.value = values[field.name];
    }
  }
  let usable = true;
  try {
    localStorage.setItem(`${KEY}-try`, "1");
    localStorage.removeItem(`${KEY}-try`);
  } catch {
    usable = false;
  }
  kept.hidden = !usable;
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 500);
  });
  form.querySelector("[data-forget]").addEventListener("click", () => {
    clearTimeout(waiting);
    forget();
    form.reset();
    kept.focus();
  });
  // How long each text is; said a moment after the last key, not at each of them.
  for (const hint of form.querySelectorAll("[data-count]")) {
    const field = document.getElementById(hint.dataset.countOf);
    let soon;
    const count = () => {
      hint.textContent = hint.dataset.count.replace("{n}", [...field.value].length.toLocaleString(document.documentElement.lang));
    };
    if (field.value) count();
    field.addEventListener("input", () => {
      clearTimeout(soon);
      soon = setTimeout(count, 500);
    });
  }
  let sent = false;
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    keep();
    // The server makes no two letters of a double click; this spares it the second.
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => {
    sent = false;
  });
})();
