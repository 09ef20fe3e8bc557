// Looks again every second while work goes on, and shows what has changed.
(function () {
  async function look() {
    const here = document.querySelector("[data-watch]");
    if (!here) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("main section.sheet");
      if (fresh && fresh.innerHTML !== here.innerHTML) here.replaceWith(document.adoptNode(fresh));
    } catch (gone) { /* the network may come back */ }
    setTimeout(look, 1000);
  }
  setTimeout(look, 1000);
})();
