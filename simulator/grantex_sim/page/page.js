"use strict";
// Asks twice a second what is new, and only then redraws; without it the page is still a page.
(() => {
  const live = document.getElementById("live");
  const search = document.getElementById("q");
  const pause = document.getElementById("pause");
  const away = document.getElementById("away");
  if (!live || !search || !pause || !away) return;
  let version = "";
  let paused = false;
  let asked = 0;
  let waiting = 0;
  let heard = new Date();

  const section = (each) => each.closest("section")?.id;
  const name = (each) => section(each) + " " + (each.closest("details")?.dataset.key ?? each.getAttribute("href"));
  const opened = () => new Set([...live.querySelectorAll("details[open]")].map(name));
  const scrolled = () => [...live.querySelectorAll("section")].map((each) => [each.id, each.scrollTop, each.scrollLeft]);
  const focused = () => (live.contains(document.activeElement) ? name(document.activeElement) : null);
  // Text that somebody is marking would be marked no more.
  const marking = () => {
    const marked = getSelection();
    return !marked.isCollapsed && live.contains(marked.anchorNode);
  };

  function redraw(text) {
    const [open, places, focus] = [opened(), scrolled(), focused()];
    live.innerHTML = text;
    for (const each of live.querySelectorAll("details")) each.open = open.has(name(each));
    for (const [id, top, left] of places) document.getElementById(id)?.scrollTo(left, top);
    if (focus === null) return;
    const same = [...live.querySelectorAll("summary, a")].find((each) => name(each) === focus);
    same?.focus({ preventScroll: true });
  }

  function gone(why) {
    away.textContent = `${why} This is how it was at ${heard.toLocaleTimeString()}.`;
    away.hidden = false;
  }

  async function refresh(force) {
    // An answer that takes longer than the time to the next question must not be overtaken by it.
    if ((waiting || paused || document.hidden || marking()) && !force) return;
    const number = ++asked;
    waiting += 1;
    const known = force ? "" : version;
    const query = new URLSearchParams({ q: search.value, known });
    try {
      const answer = await fetch("_sim/page?" + query);
      const text = await answer.text();
      if (number !== asked) return;
      if (answer.status === 404) return gone("This session has ended.");
      if (!answer.ok) return gone(`The simulator answered ${answer.status}.`);
      heard = new Date();
      away.hidden = true;
      if (answer.status === 204) return;
      version = answer.headers.get("x-sim-version") || "";
      redraw(text);
    } catch {
      if (number === asked) gone("The simulator does not answer.");
    } finally {
      waiting -= 1;
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
