/* The demo page: products from the shop's own catalogue, and buttons that ask the assistant. */
(() => {
  "use strict";

  // Which drawing stands for a category that has no photographs; the first match counts.
  const DRAWINGS = [
    [/helmet/i, "helmet"], [/light|lamp|torch/i, "light"], [/lock|tool|pump|chain|brake|pedal|crank|derailleur|fork|headset|saddle|handlebar|bottom bracket|component|part|rack|cleaner/i, "tool"],
    [/wheel|tire|tyre|tube/i, "wheel"], [/bike|bicycle|cycle/i, "bike"], [/tent|shelter/i, "tent"], [/sleep|mat|quilt/i, "bag"], [/stove|cook|kitchen/i, "stove"],
    [/backpack|pack|pannier|bag/i, "pack"], [/boot|shoe|footwear|sock/i, "boot"], [/bottle|cage|hydration/i, "bottle"], [/glove|mitt/i, "glove"],
    [/jacket|vest|jersey|shirt|layer|cloth|short|tight|trouser|pant|cap|hat|wear/i, "jacket"],
  ];

  const drawing = (product) => (DRAWINGS.find(([words]) => words.test(`${product.category} ${product.name}`)) || [null, "hill"])[1];

  function el(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function art(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `/shop-art.svg#${name}`);
    svg.setAttribute("viewBox", "0 0 64 64");
    svg.setAttribute("aria-hidden", "true");
    svg.append(use);
    return svg;
  }

  function picture(product, position) {
    const frame = el("div", `picture tone-${position % 4}`);
    if (/^https?:|^\//.test(product.image_url || "")) {
      const image = el("img");
      Object.assign(image, { src: product.image_url, alt: "", loading: "lazy" });
      frame.append(image);
    } else frame.append(art(drawing(product)));
    if (product.regular_price && Number(product.regular_price) > Number(product.price)) frame.append(el("span", "flag", "Sale"));
    return frame;
  }

  function card(product, position, money) {
    const item = el("li", "card");
    const price = el("p", "price", money.format(product.price));
    if (product.regular_price && Number(product.regular_price) > Number(product.price)) price.append(" ", el("s", "", money.format(product.regular_price)));
    const ask = el("button", "ask", product.in_stock ? "Ask about it" : "Ask when it is back");
    ask.type = "button";
    ask.dataset.ask = product.in_stock ? `Tell me about the ${product.name}` : `When is the ${product.name} back in stock?`;
    ask.setAttribute("aria-label", `${ask.textContent}: ${product.name}`);
    const choice = product.variants > 1 ? `${product.variants} colours and sizes` : "In stock";
    item.append(
      picture(product, position), el("p", "kind", [product.brand, product.category].filter(Boolean).join(" · ")), el("h3", "", product.name),
      price, el("p", "choice", product.in_stock ? choice : "Sold out just now"), ask,
    );
    return item;
  }

  function departments(names) {
    document.getElementById("departments").replaceChildren(
      ...names.slice(0, 6).map((name) => Object.assign(el("button", "plain", name), { type: "button" })),
    );
    document.querySelectorAll("#departments button").forEach((button) => { button.dataset.ask = `Show me ${button.textContent.toLowerCase()}`; });
  }

  async function fill() {
    const grid = document.getElementById("grid");
    const empty = document.getElementById("empty");
    try {
      const answer = await fetch("/api/v1/products?limit=12");
      const { shop, currency, departments: names, products } = await answer.json();
      const money = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" });
      document.querySelectorAll("[data-shop]").forEach((node) => { node.textContent = shop; });
      grid.replaceChildren(...products.map((product, position) => card(product, position, money)));
      departments(names);
      empty.hidden = products.length > 0;
    } catch {
      empty.hidden = false;
    }
    grid.removeAttribute("aria-busy");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask]");
    if (!button) return;
    customElements.whenDefined("salesclerk-chat").then(() => document.querySelector("salesclerk-chat").ask(button.dataset.ask));
  });
  document.addEventListener("salesclerk-cart", ({ detail }) => {
    document.getElementById("pieces").textContent = detail.pieces ? ` (${detail.pieces})` : "";
  });
  fill();
})();
