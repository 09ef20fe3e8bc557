// On a call: the keys 1–5 rate the question that has the focus, and go on to the next one.
// Only while a rating has the focus, so that nothing typed into a field is ever taken for a rating.
(function () {
  "use strict";
  const hint = document.querySelector("[data-keys]");
  if (hint) hint.hidden = false;
  document.addEventListener("keydown", function (event) {
    const here = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || here.type !== "radio") return;
    const scale = here.closest(".scale:not(.eleven, .pair)");
    const chosen = scale && scale.querySelector('input[value="' + CSS.escape(event.key) + '"]');
    if (!chosen) return;
    event.preventDefault();
    chosen.checked = true;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
    const all = Array.from(document.querySelectorAll(".question"));
    const question = all[all.indexOf(here.closest(".question")) + 1];
    const next = question && (question.querySelector("input:checked") || question.querySelector("input, textarea"));
    (next || chosen).focus();
  });
})();
