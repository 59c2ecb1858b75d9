// Draws every chart of the page from the numbers that stand beside it. No network, no code made from text.
// Only errors are logged (1): a page without excused days has an empty data set, which is no fault.
for (const figure of document.querySelectorAll("figure.chart")) {
  const { params, ...datasets } = JSON.parse(figure.querySelector("script").textContent);
  for (const plot of figure.querySelectorAll("[data-chart]")) {
    const spec = structuredClone(CHARTS[plot.dataset.chart]);
    for (const param of spec.params ?? []) param.value = params[param.name];
    vegaEmbed(plot, { ...spec, datasets }, {
      mode: "vega-lite", logLevel: 1, renderer: "svg", ast: true, actions: false, defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
    }).catch((error) => console.error(plot.dataset.chart, error));
  }
}
