/* The widget's looks, which a page changes by the custom properties at the top.
 * Constructed: a strict Content-Security-Policy forbids inline ones. */
const STYLE = `
:host { color-scheme: light dark;
  --accent: light-dark(var(--salesclerk-accent, #1f6f4a), var(--salesclerk-accent-dark, #6cc79a));
  --on-accent: light-dark(var(--salesclerk-on-accent, #fff), var(--salesclerk-on-accent-dark, #08261a));
  --surface: light-dark(var(--salesclerk-surface, #fff), var(--salesclerk-surface-dark, #161d19));
  --text: light-dark(var(--salesclerk-text, #1c2420), var(--salesclerk-text-dark, #e8efea));
  --muted: light-dark(var(--salesclerk-muted, #5c6a62), var(--salesclerk-muted-dark, #a3b3a9));
  --bubble: light-dark(var(--salesclerk-bubble, #eef3ef), var(--salesclerk-bubble-dark, #243029));
  --line: light-dark(var(--salesclerk-line, #d9e2dc), var(--salesclerk-line-dark, #34423a));
  position: fixed; inset-inline-end: 24px; inset-block-end: 24px; z-index: 2147483000;
  font: 15px/1.5 var(--salesclerk-font, system-ui, sans-serif); }
:host([theme=light]) { color-scheme: light; } :host([theme=dark]) { color-scheme: dark; }
* { box-sizing: border-box; } [hidden] { display: none !important; }
button, textarea { font: inherit; color: inherit; } button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; display: block; }
.launcher, form button { flex: none; width: 42px; height: 42px; border: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent); display: grid; place-items: center; }
.launcher { position: relative; width: 60px; height: 60px; box-shadow: 0 8px 24px rgb(0 0 0 / .25); margin-inline-start: auto; }
.launcher svg { width: 28px; height: 28px; }
.badge { position: absolute; inset-block-start: -2px; inset-inline-end: -2px; min-width: 20px; padding: 0 5px; border-radius: 10px;
  background: #b83018; color: #fff; font-size: 12px; font-weight: 700; line-height: 20px; }
.panel { width: min(400px, calc(100vw - 48px)); height: min(700px, calc(100dvh - 48px)); display: flex; flex-direction: column;
  background: var(--surface); color: var(--text); border: 1px solid var(--line); border-radius: var(--salesclerk-radius, 16px); overflow: hidden; box-shadow: 0 16px 48px rgb(0 0 0 / .22); }
.head { display: flex; align-items: center; gap: 4px; padding: 12px 10px 12px 16px; background: light-dark(var(--accent), var(--bubble)); color: light-dark(var(--on-accent), var(--text)); }
.head div { flex: 1; min-width: 0; } h2 { margin: 0; font-size: 16px; line-height: 1.3; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.head p { margin: 0; font-size: 12.5px; }
.head button { min-width: 36px; height: 36px; padding: 0 8px; border: 0; border-radius: 10px; background: none; display: flex; align-items: center; justify-content: center; gap: 4px; font-size: 13px; font-weight: 600; }
.head button:hover { background: rgb(255 255 255 / .16); } .head button:focus-visible { outline-color: currentColor; outline-offset: -2px; }
.head svg { width: 19px; height: 19px; } .head .badge { position: static; }
.log { position: relative; flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 16px; display: flex; flex-direction: column; gap: 10px; }
.log > * { flex: none; } .entry { display: contents; }
.bubble { max-width: 86%; padding: 9px 13px; border-radius: 14px; white-space: pre-wrap; overflow-wrap: anywhere; }
.shop { align-self: flex-start; background: var(--bubble); border-end-start-radius: 4px; }
.customer { align-self: flex-end; background: var(--accent); color: var(--on-accent); border-end-end-radius: 4px; }
.waiting { outline: 1px dashed var(--accent); outline-offset: 2px; }
.note { align-self: flex-end; display: flex; gap: 8px; align-items: center; font-size: 13px; color: var(--muted); }
.by { align-self: flex-start; }
.link { border: 0; background: none; padding: 0; color: var(--accent); text-decoration: underline; white-space: nowrap; }
.cards { display: flex; flex-direction: column; gap: 8px; }
.card { padding: 12px 14px; border: 1px solid var(--line); border-radius: 14px; display: grid; grid-template-columns: auto 1fr fit-content(60%); }
.card > * { grid-column: 2 / 4; } .picture { grid-area: 1 / 1 / 4; width: 72px; height: 72px; margin-inline-end: 12px; border-radius: 10px; object-fit: cover; background: var(--bubble); }
.name { font-weight: 600; line-height: 1.35; overflow-wrap: anywhere; } .price { font-weight: 700; }
.price span { margin-inline-start: 8px; font-weight: 400; font-size: 13px; color: var(--muted); }
.reason { grid-area: 3 / 2; margin: 2px 8px 0 0; font-size: 13.5px; line-height: 1.4; color: var(--muted); }
.row { display: flex; flex-wrap: wrap; gap: 6px; } .card .row { grid-area: 3 / 3; margin-block-start: -9px; }
.chip { padding: 6px 13px; border: 1px solid var(--accent); border-radius: 999px; background: none; color: var(--accent); font-size: 14px; line-height: 1.35; text-align: start; }
.consent { display: block; padding-block-end: 4px; background: var(--bubble); font-size: 14px; } .consent > *, .consent .row { margin: 0 0 8px; } label { display: flex; gap: 8px; align-items: flex-start; }
label input { flex: none; margin: 4px 0 0; accent-color: var(--accent); }
.chip:hover, .chip.strong { background: var(--accent); color: var(--on-accent); }
.typing { align-self: flex-start; display: flex; gap: 4px; padding: 14px; border-radius: 14px; background: var(--bubble); }
.typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--muted); animation: rise 1.1s infinite; }
.typing i:nth-child(2) { animation-delay: .15s; } .typing i:nth-child(3) { animation-delay: .3s; }
@keyframes rise { 0%, 60%, 100% { opacity: .35; } }
form { display: flex; align-items: flex-end; gap: 8px; padding: 10px 12px; border-block-start: 1px solid var(--line); }
textarea { flex: 1; resize: none; height: 42px; max-height: 130px; padding: 9px 13px; border: 1px solid var(--line); border-radius: 14px; background: var(--surface); line-height: 1.45; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 520px) { :host { inset-inline-end: 16px; inset-block-end: 16px; }
  .panel { position: fixed; inset: 0; width: 100vw; height: 100dvh; border: 0; border-radius: 0; } textarea { font-size: 16px; } }
@media (prefers-reduced-motion: reduce) { i { animation: none !important; } }
`;

export function styleSheet() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  return sheet;
}
