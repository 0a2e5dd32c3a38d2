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

// A picture opens in a window of its own. Left and right go to the next picture, up and down to the next cut.
for (const section of document.querySelectorAll(".pictures")) {
  const strips = [...section.querySelectorAll(".strip")].map((strip) => [...strip.querySelectorAll(".picture")]);
  const all = strips.flat();
  let shown = null;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", "Pictures at the cuts");
  const image = document.createElement("img");
  const caption = document.createElement("p");
  caption.setAttribute("aria-live", "polite");
  const buttons = document.createElement("p");
  const show = (picture) => {
    const from = picture.querySelector("img");
    const heading = picture.closest(".strip").querySelector("h3");
    shown = picture;
    [image.src, image.alt] = [from.src, from.alt];
    caption.textContent = `${heading.textContent.trim().replace(/\s+/g, " ")}: ${picture.textContent.trim()}`;
    if (!dialog.open) dialog.showModal();
  };
  const beside = (step) => all[all.indexOf(shown) + step];
  const below = (step) => {
    const at = strips.findIndex((strip) => strip.includes(shown));
    const next = strips.slice(step > 0 ? at + 1 : 0, step > 0 ? undefined : at).filter((strip) => strip.length);
    const strip = step > 0 ? next[0] : next[next.length - 1];
    return strip && strip[Math.min(strips[at].indexOf(shown), strip.length - 1)];
  };
  const keys = { ArrowRight: () => beside(1), ArrowLeft: () => beside(-1), ArrowDown: () => below(1), ArrowUp: () => below(-1),
    Home: () => all[0], End: () => all[all.length - 1] };
  const close = () => { dialog.close(); shown.focus(); shown.scrollIntoView({ block: "nearest" }); };
  const go = (key) => { const to = keys[key](); if (to) show(to); };
  for (const [key, text, label] of [["ArrowLeft", "\u25c0", "Picture before"], ["ArrowRight", "\u25b6", "Next picture"],
    ["ArrowUp", "\u25b2", "Cut before"], ["ArrowDown", "\u25bc", "Next cut"], ["Escape", "\u2715", "Close"]]) {
    const button = document.createElement("button");
    [button.type, button.textContent] = ["button", text];
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => (key === "Escape" ? close() : go(key)));
    buttons.append(button);
  }
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (keys[event.key]) go(event.key);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target === image) close(); });
  dialog.append(image, caption, buttons);
  section.append(dialog);
  for (const picture of all) {
    picture.addEventListener("click", (event) => { event.preventDefault(); show(picture); });
  }
}
