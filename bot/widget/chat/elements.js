/* Making nodes: text only ever becomes text, never markup. */
const ICONS = {
  chat: "M4 5h16v11H9l-5 4z", close: "M6 6l12 12M18 6L6 18", send: "M4 12l16-8-6 16-3-6z",
  fresh: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
};

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("aria-") || key === "role") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A price as people of that language write it. */
export function money({ price, currency }, language) {
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(price);
  } catch {
    return `${price} ${currency}`;
  }
}

/** A product's photograph; null when the shop has none. */
export function picture(product) {
  if (!/^(https?:|\/)/.test(product.image_url || "")) return null;
  return el("img", { className: "picture", src: product.image_url, alt: "", loading: "lazy" });
}
