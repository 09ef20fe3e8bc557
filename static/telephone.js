// On a call: digits choose and go on to the next question, the arrow up goes back, Enter goes on and saves at the end.
// Digits only while a choice has the focus, so that nothing typed into a field is ever taken for a rating.
(function () {
  "use strict";
  const hint = document.querySelector("[data-keys]");
  const save = document.querySelector("[data-save]");
  const questions = Array.from(document.querySelectorAll(".question"));
  if (hint) hint.hidden = false;
  const first = questions[0] && questions[0].querySelector("input, textarea");
  // Not on a phone, where one dials first.
  const wide = window.matchMedia("(min-width: 60.01rem)").matches;
  if (first && save && wide && !document.querySelector("[autofocus]")) first.focus();

  function go(from, step) {
    const to = questions[questions.indexOf(from) + step];
    const field = to && (to.querySelector("input:checked") || to.querySelector("input, textarea"));
    if (field) field.focus();
    else if (step > 0 && save) save.focus();
  }

  function choose(question, key) {
    const scale = question.querySelector(".call-scale");
    const ten = key === "0" && scale.querySelector('[data-key="1"]:checked') && scale.querySelector('[data-key="10"]');
    const chosen = ten || scale.querySelector('[data-key="' + CSS.escape(key) + '"]');
    if (!chosen) return false;
    chosen.checked = chosen.type === "radio" || !chosen.checked;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
    // What takes more than one key waits for Enter: 10 of ten, and several choices.
    if (scale.matches(".eleven") || chosen.type === "checkbox") chosen.focus();
    else go(question, 1);
    return true;
  }

  document.addEventListener("keydown", function (event) {
    const here = event.target;
    const question = here.closest && here.closest(".question");
    // A composition of Chinese characters takes its own Enter and digits.
    if (!question || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const typing = here.tagName === "TEXTAREA";
    if (event.key === "Enter") go(question, 1);
    else if (typing) return;
    else if (event.key === "ArrowUp") go(question, -1);
    else if (event.key === "ArrowDown") go(question, 1);
    else if (!choose(question, event.key)) return;
    event.preventDefault();
  });
})();
