// Searches the guide. Before this stands a Stemmer for the language of the guide, which
// extensions/search.py puts here. search-data.js holds the text: for each page its address,
// then for each of its parts the anchor and the lines, of which the first is the title.
{
  const MOST = 30;
  const WORD = /[\p{L}\p{M}\p{N}]+/gu;
  const stemmer = new Stemmer();
  const known = new Map();
  const places = new Map();
  const lineAt = [];
  const parts = [];

  // What a word is found by. Stemmers heed accents, readers leave them out: both ways count.
  const keys = (word) => {
    if (!known.has(word)) {
      const bare = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/œ/g, "oe");
      const lower = word.normalize().toLowerCase();
      const plain = bare(lower);
      known.set(word, [...new Set([plain, stemmer.stemWord(plain), bare(stemmer.stemWord(lower))])]);
    }
    return known.get(word);
  };

  // Each word of the guide has its place, in their order; between two lines, one is left out.
  for (const [address, ...texts] of GUIDE) {
    let first;
    while (texts.length) {
      const [anchor, text] = texts.splice(0, 2);
      const part = { href: address + (anchor && "#" + anchor), number: parts.length };
      part.lines = text.split("\n").map((text, number) => {
        const words = text.match(WORD) || [];
        // Titles, and messages as programs print them, weigh more; so do short lines.
        const weight = number ? (/^\t[^$\t][^\t]*\t$/.test(text) ? 1.5 : 1) : 2;
        const line = { part, text, weight: weight / (1 + words.length / 30) };
        for (const word of words) {
          for (const key of keys(word)) {
            if (!places.has(key)) places.set(key, []);
            places.get(key).push(lineAt.length);
          }
          lineAt.push(line);
        }
        lineAt.push(0);
        return line;
      });
      part.page = first ??= part.lines[0];
      parts.push(part);
    }
  }

  // Puts the parts that match best first; returns what is to be marked in them.
  const rank = (query) => {
    // Each word counts once in a line, and so does each pair of neighbours.
    const units = new Map();
    let before;
    const asked = query.match(WORD) || [];
    asked.forEach((word, i) => {
      const [plain] = keys(word);
      let all = keys(word).filter((key) => places.has(key));
      // The last word may not be whole yet.
      if (!all[0] && !asked[i + 1]) all = [...places.keys()].filter((key) => key.startsWith(plain));
      const found = new Set(all.flatMap((key) => places.get(key)));
      const spread = new Set([...found].map((place) => lineAt[place].part)).size;
      // Rare words weigh more, short ones less: most of them are no names.
      const weight = found.size && Math.log(1 + parts.length / spread) * Math.min(1, plain.length / 5);
      units.set(plain, { all, found, weight });
      if (before)
        units.set(before.plain + " " + plain, {
          found: [...found].filter((place) => before.found.has(place - 1)),
          weight: (before.weight + weight) / 2,
        });
      before = { plain, found, weight };
    });
    for (const part of parts) for (const thing of [part, ...part.lines]) thing.score = 0;
    for (const { found, weight } of units.values()) {
      const met = new Set([...found].flatMap((place) => [lineAt[place], lineAt[place].part]));
      for (const thing of met) thing.score += weight;
    }
    for (const part of parts) {
      for (const line of part.lines) line.score *= line.weight;
      const [title, ...body] = part.lines;
      // Where the title says it all, what it means is worth more than what else matches.
      const told = body.find(({ text }) => text[0] != "\t") || body[0];
      part.shown = body.reduce((best, line) => (line.score > best.score ? line : best), told);
      const best = Math.max(title.score, part.shown ? part.shown.score : 0);
      part.rank = part.score && best + part.score / 2 + part.page.score / 10;
      if (best == title.score) part.shown = told;
    }
    parts.sort((a, b) => b.rank - a.rank || a.number - b.number);
    // The lightest words stand in nearly all lines: marked, they would lead astray.
    const marked = [...units.values()].filter(({ all, weight }) => all && weight > 0.6);
    return new Set(marked.flatMap(({ all }) => all));
  };

  const form = document.querySelector("main .search");
  const list = document.querySelector(".search-results");
  const status = list.previousElementSibling;
  const nothing = list.nextElementSibling;
  const { q } = form;

  const add = (name, parent) => parent.appendChild(document.createElement(name));

  // Code stands between tabs, and is English in all languages.
  const write = (parent, { text }, marked) =>
    text.split("\t").forEach((piece, number) => {
      const target = number % 2 ? add("code", parent) : parent;
      if (number % 2) target.lang = "en";
      let end = 0;
      for (const { 0: word, index } of piece.matchAll(WORD))
        if (keys(word).some((key) => marked.has(key))) {
          target.append(piece.slice(end, index));
          add("mark", target).textContent = word;
          end = index + word.length;
        }
      target.append(piece.slice(end));
    });

  const show = () => {
    const asked = q.value.trim();
    const marked = rank(asked);
    const found = parts.filter((part) => part.rank > parts[0].rank / 4);
    list.replaceChildren();
    for (const { href, lines, page, shown } of found.slice(0, MOST)) {
      const item = add("li", list);
      const link = add("a", item);
      link.href = href;
      const title = lines[0].text ? lines[0] : page;
      write(link, title, marked);
      if (title != page) write(add("div", item), page, marked);
      if (shown) write(add("p", item), shown, marked);
    }
    const { all, best, none } = status.dataset;
    const words = found[MOST] ? best : found[0] ? all : none;
    status.textContent = asked && words.replace("{count}", found.length).replace("{shown}", MOST);
    nothing.hidden = found[0] || !asked;
    const address = asked && "?q=" + encodeURIComponent(asked);
    for (const link of document.querySelectorAll(".languages a")) link.search = address;
    history.replaceState(null, "", address || location.pathname);
  };

  let timer;
  form.oninput = form.onsubmit = (event) => {
    // Firefox would refuse to submit it where the site is opened as files.
    event.preventDefault();
    clearTimeout(timer);
    timer = setTimeout(show, 200);
  };
  // The field would join the lines of an address.
  q.value = (new URLSearchParams(location.search).get("q") || "").replace(/\s+/g, " ");
  show();
}
