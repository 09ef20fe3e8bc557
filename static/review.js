// Keys while one reads response after response: v valid, r refuse, n next, p previous.
// Never while something is typed or chosen in a field, and only as long as the tick beside them is set.
(function () {
  "use strict";
  const hint = document.querySelector("[data-keys]");
  if (!hint) return;
  const tick = hint.querySelector("[data-keys-on]");
  const remembered = "csat.review.keys";
  hint.hidden = false;
  try { tick.checked = localStorage.getItem(remembered) !== "off"; } catch (closed) { /* then they are on */ }
  tick.addEventListener("change", function () {
    try { localStorage.setItem(remembered, tick.checked ? "on" : "off"); } catch (closed) { /* for this page */ }
  });
  function choose(decision, then) {
    const option = document.querySelector('input[name="decision"][value="' + decision + '"]');
    if (!option) return false;
    option.checked = true;
    option.form.querySelector(then).focus();
    return true;
  }
  function go(way) {
    const link = document.querySelector('.head a[rel="' + way + '"]');
    if (link) link.click();
    return Boolean(link);
  }
  const keys = {
    v: function () { return choose("valid", "button"); },
    r: function () { return choose("doubt", "textarea"); },
    n: function () { return go("next"); },
    p: function () { return go("prev"); },
  };
  document.addEventListener("keydown", function (event) {
    const typing = event.target.closest('textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"])');
    if (!tick.checked || typing || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (Object.hasOwn(keys, event.key) && keys[event.key]()) event.preventDefault();
  });
})();
