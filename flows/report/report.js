// Draws the charts of the page from the numbers that stand beside them. No network, no code made from text.
// A chart in a fold is drawn when somebody opens it: what is not on the page has no width.
// Only errors are logged (1): a page without excused days has an empty data set, which is no fault.
function draw(figure) {
  const { params, ...datasets } = JSON.parse(figure.querySelector("script").textContent);
  for (const plot of figure.querySelectorAll("[data-chart]")) {
    const spec = structuredClone(CHARTS[plot.dataset.chart]);
    for (const param of spec.params ?? []) param.value = params[param.name];
    vegaEmbed(plot, { ...spec, datasets }, {
      mode: "vega-lite", logLevel: 1, renderer: "svg", ast: true, actions: false, defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
    }).then(({ view }) => {
      view.container().querySelector("svg").setAttribute("aria-hidden", "true"); // the plot around it is named
    }).catch((error) => console.error(plot.dataset.chart, error));
  }
}
for (const figure of document.querySelectorAll("figure.chart:has(script)")) {
  const fold = figure.closest("details:not([open])");
  if (fold) fold.addEventListener("toggle", () => draw(figure), { once: true });
  else draw(figure);
}
