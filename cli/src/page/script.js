// Hover, touch and arrow keys show the nearest item of a chart in the line under it.
for (const plot of document.querySelectorAll(".plot")) {
  const items = [...plot.querySelectorAll(".item")];
  const readout = plot.parentNode.querySelector(".readout");
  if (!items.length || !readout) continue;
  const number = (item, name) => Number(item.getAttribute(name));
  const spans = items.map((item) => [number(item, "x"), number(item, "x") + number(item, "width")]);
  let at = -1;
  const show = (index) => {
    if (at >= 0) items[at].classList.remove("on");
    at = Math.max(0, Math.min(items.length - 1, index));
    items[at].classList.add("on");
    readout.textContent = items[at].querySelector("title").textContent;
  };
  const distance = ([from, to], x) => Math.max(from - x, x - to, 0);
  const point = (event) => {
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 1000;
    let best = 0;
    spans.forEach((span, index) => { if (distance(span, x) < distance(spans[best], x)) best = index; });
    show(best);
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("focus", () => { if (at < 0 && plot.matches(":focus-visible")) show(0); });
  plot.addEventListener("keydown", (event) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
  });
}
