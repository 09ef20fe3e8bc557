// Takes the words that are selected in the client's comment into the field of the feedback's words.
(function () {
  "use strict";
  const field = document.querySelector('textarea[name="words"]');
  if (!field) return;
  let untouched = true;
  field.addEventListener("input", function () { untouched = false; });
  function selected(comment) {
    const chosen = getSelection();
    if (!chosen.rangeCount || !chosen.getRangeAt(0).intersectsNode(comment)) return "";
    const range = chosen.getRangeAt(0).cloneRange();
    if (!comment.contains(range.startContainer)) range.setStart(comment, 0);
    if (!comment.contains(range.endContainer)) range.setEnd(comment, comment.childNodes.length);
    const piece = range.cloneContents();
    piece.querySelectorAll("[data-made]").forEach(function (link) { link.remove(); });
    return piece.textContent.trim();
  }
  document.querySelectorAll("[data-take]").forEach(function (figure) {
    const comment = figure.querySelector("blockquote");
    const holder = figure.querySelector("[data-take-button]");
    holder.hidden = false;
    const button = holder.querySelector("button");
    button.addEventListener("mousedown", function (event) { event.preventDefault(); }); // keeps the selection
    button.addEventListener("click", function () {
      const words = selected(comment);
      if (!words) return;
      const kept = untouched ? "" : field.value.trim();
      field.value = kept ? kept + "\n" + words : words;
      untouched = false;
      field.focus();
    });
  });
  const help = document.querySelector("[data-take-help]");
  if (help && document.querySelector("[data-take]")) help.hidden = false;
})();
