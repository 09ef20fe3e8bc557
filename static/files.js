// Says that a chosen file is too large, or that there are too many, before the form is sent.
(function () {
  "use strict";
  document.querySelectorAll("input[type=file][data-most]").forEach(function (field) {
    field.addEventListener("change", function () {
      const chosen = Array.from(field.files);
      const large = chosen.find(function (file) { return file.size > Number(field.dataset.most); });
      const wrong = large ? large.name + ": " + field.dataset.tooLarge
        : chosen.length > Number(field.dataset.files) ? field.dataset.tooMany : "";
      field.setCustomValidity(wrong);
      if (wrong) field.reportValidity();
    });
  });
})();
