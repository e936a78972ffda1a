"use strict";
// Asks twice a second what is new, and only then redraws; without it the page is still a page.
(() => {
  const live = document.getElementById("live");
  const search = document.getElementById("q");
  const pause = document.getElementById("pause");
  if (!live || !search || !pause) return;
  let version = "";
  let paused = false;
  let asked = 0;

  const opened = () =>
    new Set([...live.querySelectorAll("details[open]")].map((each) => each.closest("section").id + each.dataset.key));

  async function refresh(force) {
    if ((paused || document.hidden) && !force) return;
    const number = ++asked;
    const known = force ? "" : version;
    const query = new URLSearchParams({ q: search.value, known });
    try {
      const answer = await fetch("_sim/page?" + query);
      if (number !== asked || answer.status !== 200) return;
      const keep = opened();
      version = answer.headers.get("x-sim-version") || "";
      live.innerHTML = await answer.text();
      for (const each of live.querySelectorAll("details[data-key]"))
        if (each.dataset.key && keep.has(each.closest("section").id + each.dataset.key)) each.open = true;
      document.body.classList.remove("away");
    } catch {
      document.body.classList.add("away");
    }
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
    refresh(!paused);
  });
  search.addEventListener("input", () => {
    const query = search.value ? "?" + new URLSearchParams({ q: search.value }) : location.pathname;
    history.replaceState(null, "", query);
    refresh(true);
  });
  search.form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => refresh(false));
  setInterval(() => refresh(false), 500);
})();
