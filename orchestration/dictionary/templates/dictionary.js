"use strict";
(() => {
  const root = document.documentElement;
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const tables = [...document.querySelectorAll("details.table")].map((element) => ({
    element,
    title: element.querySelector("summary").textContent.toLowerCase(),
    rows: [...element.querySelectorAll("table.columns > tbody > tr")].map((row) => ({
      element: row, text: row.textContent.toLowerCase(),
    })),
  }));
  const groups = [...document.querySelectorAll("details.group")];
  const parts = [...document.querySelectorAll("section:not(.aside)")];
  const asides = [...document.querySelectorAll("section.aside, .lead")];

  const fill = (text, values) => text.replace(/\{(\d?)\}/g, (() => {
    let next = 0;
    return (_, place) => values[place === "" ? next++ : Number(place)];
  })());

  // A table stays if its name has every word, else with the columns that have them together with it.
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (text) => words.every((word) => text.includes(word));
    let columns = 0, shown = 0;
    for (const table of tables) {
      const named = words.length > 0 && holds(table.title);
      let kept = 0;
      for (const row of table.rows) {
        const keep = words.length === 0 || named || holds(`${table.title} ${row.text}`);
        row.element.hidden = !keep;
        kept += keep ? 1 : 0;
      }
      table.element.hidden = words.length > 0 && kept === 0;
      table.element.open = words.length > 0 && kept > 0;
      columns += table.element.hidden ? 0 : kept;
      shown += table.element.hidden ? 0 : 1;
    }
    for (const aside of asides) aside.hidden = words.length > 0;
    for (const part of parts) part.hidden = [...part.querySelectorAll("details.table")].every((one) => one.hidden);
    const text = columns ? fill(found.dataset[root.lang], [columns, shown])
      : found.dataset[root.lang === "zh" ? "noneZh" : "noneEn"];
    found.textContent = words.length ? text : "";
  };

  const choose = (language) => {
    root.lang = language;
    document.title = root.dataset[language];
    search.placeholder = search.dataset[language];
    search.setAttribute("aria-label", search.dataset[language]);
    if (search.value) filter();
  };

  const unfold = (is) => { for (const one of [...tables.map((table) => table.element), ...groups]) one.open = is; };

  // A link leads into what may be folded up or filtered out.
  const lead = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (search.value) { search.value = ""; filter(); }
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    target.scrollIntoView();
  };

  const asked = new URLSearchParams(location.search);
  search.addEventListener("input", filter);
  document.getElementById("switch").addEventListener("click", () => choose(root.lang === "zh" ? "en" : "zh"));
  document.getElementById("open").addEventListener("click", () => unfold(true));
  document.getElementById("close").addEventListener("click", () => unfold(false));
  window.addEventListener("hashchange", lead);
  window.addEventListener("beforeprint", () => unfold(true));
  const language = asked.get("lang") || location.hash.slice(1);
  choose(language === "en" || language === "zh" ? language : root.lang);
  if (asked.get("q")) { search.value = asked.get("q"); filter(); }
  lead();
})();
