// What script adds to a page: the language switch keeps the anchor, commands can be copied,
// and the search works where the site is opened as files.
(() => {
  const { lang, dataset } = document.currentScript;
  const keep = () => document.querySelectorAll(".languages a").forEach((a) => (a.hash = location.hash));
  addEventListener("hashchange", keep);
  keep();

  // Firefox would not submit the form where the site is opened as files.
  document.querySelector(".guide .search").onsubmit = (event) => {
    event.preventDefault();
    const { action, q } = event.target;
    location = `${action}?q=${encodeURIComponent(q.value)}`;
  };

  // The menu shows the page one reads, where it is longer than the window.
  const menu = document.querySelector(".guide");
  const here = menu.querySelector(".current:not(ul)");
  const show = () => {
    if (here?.getBoundingClientRect().bottom > innerHeight) menu.scrollTop = here.offsetTop - menu.clientHeight / 2;
  };
  menu.addEventListener("toggle", show);
  show();

  if (!navigator.clipboard) return;
  const status = document.createElement("p");
  status.role = "status";
  status.className = "spoken";
  document.querySelector("main").append(status);

  // A command that asks for a password would take the next one for it: only what follows
  // without an answer in between is copied together.
  const button = (typed) => {
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "copy";
    copy.lang = status.lang = lang || document.documentElement.lang;
    const say = (word, label) => {
      copy.textContent = word;
      copy.ariaLabel = label;
    };
    const reset = () => say(dataset.copy, `${dataset.copy} ${typed.join("").trim()}`);
    copy.onclick = () =>
      navigator.clipboard
        .writeText(typed.join("").trim())
        .then(() => dataset.copied, () => dataset.failed)
        .then((word) => {
          say(word, null);
          status.textContent = word;
          setTimeout(() => {
            reset();
            status.textContent = "";
          }, 2000);
        });
    return [copy, reset];
  };

  for (const pre of document.querySelectorAll(".highlight-console pre")) {
    let typed;
    for (const node of [...pre.childNodes]) {
      if (node.className === "go") typed = null;
      else if (node.className === "gp" && !typed) {
        const [copy, reset] = button((typed = []));
        node.before(copy);
        queueMicrotask(reset);
      } else if (typed && node.className !== "gp") typed.push(node.textContent);
    }
  }
})();
