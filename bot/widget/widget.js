/* Salesclerk: a chat with the shop on any page, by one line (docs/widget.md has all attributes):
 *   <script src="https://the-shops-salesclerk/widget.js" data-shop="Fernhill Outdoor" defer></script>
 */
{
  const script = document.currentScript;
  const place = () => {
    if (document.querySelector("salesclerk-chat")) return;
    const chat = document.createElement("salesclerk-chat");
    for (const { name, value } of script.attributes) if (name.startsWith("data-")) chat.setAttribute(name.slice(5), value);
    document.body.append(chat);
  };
  import(new URL("/chat/element.js", script.src).href).then(() => {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", place);
    else place();
  });
}
