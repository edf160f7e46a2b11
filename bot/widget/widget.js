/* Salesclerk: a chat with the shop on any page, by one line (docs/widget.md has its attributes):
 *   <script src="https://chat.example.org/widget.js" data-shop="Fernhill" defer></script> */
{
  const script = document.currentScript;
  const place = () => {
    if (document.querySelector("salesclerk-chat")) return;
    const chat = document.createElement("salesclerk-chat");
    for (const { name, value } of script.attributes) if (name.startsWith("data-")) chat.setAttribute(name.slice(5), value);
    document.body.append(chat);
  };
  import(new URL("/chat/element.js", script.src)).then(() => {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", place);
    else place();
  });
}
