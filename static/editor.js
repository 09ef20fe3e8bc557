// Saves the draft as one types, two seconds after the last key. Without it the buttons save all the same.
(function () {
  "use strict";
  const form = document.querySelector("[data-editor]");
  if (!form) return;
  const told = form.querySelector("[data-said]");
  let waiting = 0, running = null, dirty = false;

  async function send() {
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "autosave");
    dirty = false;
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
      if (!answer.ok) throw answer.status;
      const saved = await answer.json();
      for (const [key, digest] of Object.entries(saved.was)) form.elements[key + ":was"].value = digest;
      told.textContent = "· " + saved.said;
    } catch (why) {
      dirty = true;
      told.textContent = "· " + ({ 401: form.dataset.signedOut, 422: form.dataset.signedOut,
        404: form.dataset.gone, 409: form.dataset.gone }[why] || form.dataset.failed);
    }
  }
  // One at a time: a second one on its way would not know yet what the first has saved.
  function save() {
    clearTimeout(waiting);
    if (!running) running = send().finally(function () { running = null; if (dirty) later(); });
    return running;
  }
  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(save, 2000);
  }
  form.addEventListener("input", function (event) {
    if (!event.target.name || !event.target.name.includes(":")) return;
    dirty = true;
    const mark = event.target.labels[0] && event.target.labels[0].querySelector("[data-missing]");
    if (mark) mark.hidden = event.target.value.trim() !== "";
    if (!event.isComposing) later();
  });
  form.addEventListener("compositionend", later);
  form.addEventListener("focusin", function (event) {
    const place = event.target.closest(".ask[id], .part[id], #reason");
    if (place) form.elements.at.value = place.id;
  });
  form.addEventListener("submit", function (event) {
    clearTimeout(waiting);
    if (!running) return;
    event.preventDefault();
    const button = event.submitter;
    running.finally(function () { clearTimeout(waiting); form.requestSubmit(button); });
  });
  let leaving = false;
  form.addEventListener("submit", function (event) { leaving = !event.defaultPrevented; });
  addEventListener("beforeunload", function (event) { if (dirty && !leaving) event.preventDefault(); });
})();
