"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const figures = read("figures");
  const specifications = read("charts");
  const root = document.documentElement;
  const places = [...document.querySelectorAll("[data-chart]")];

  const draw = () => Promise.all(places.map((place) => {
    const name = place.dataset.chart;
    const chosen = specifications[root.lang][name];
    const labels = { ...chosen.config.axisY, labelLimit: Math.min(250, 0.45 * place.clientWidth) };
    const columns = place.clientWidth > 430 ? 0 : { concentration: 1, moves: 2 }[name] || 0;
    const rows = figures.charts[name];
    const height = chosen.height.step
      ? chosen.height.step * new Set(rows.map((row) => row[`label_${root.lang}`])).size
      : chosen.height;
    const specification = {
      ...chosen,
      height,
      config: { ...chosen.config, axisY: labels, legend: { ...chosen.config.legend, columns } },
      datasets: { rows },
    };
    return window.fencengEmbed(place, specification, {
      actions: false, ast: true, renderer: "svg", tooltip: false, logLevel: 1,
    });
  })).then(() => { root.dataset.drawn = root.lang; });

  const choose = (language) => {
    root.lang = language;
    for (const place of places) place.setAttribute("aria-label", place.dataset[language]);
    document.title = root.dataset[language];
    delete root.dataset.drawn;
    return draw();
  };

  const asked = new URLSearchParams(location.search).get("lang") || location.hash.slice(1);
  document.getElementById("switch").addEventListener("click", () => choose(root.lang === "zh" ? "en" : "zh"));
  choose(asked === "en" || asked === "zh" ? asked : root.lang);
})();
