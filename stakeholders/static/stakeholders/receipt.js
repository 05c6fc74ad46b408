// The letter has arrived: what this browser kept of it goes.
"use strict";
try {
  localStorage.removeItem("letter-draft");
} catch {
  // No storage: nothing was kept.
}
const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
