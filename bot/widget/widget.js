/* Salesclerk: a chat with the shop, put on any page with
 *
 *   <script src="https://the-shops-salesclerk/widget.js" defer></script>
 *   <salesclerk-chat shop="Fernhill Outdoor" language="en" open="wide"></salesclerk-chat>
 *
 * Attributes: shop (its name, for the title), language (en or zh), source (where the customer came from), server (origin
 * of the app, by default this script's), open ("wide": open at first on wide screens), theme (light or dark).
 */
import(new URL("/chat/element.js", document.currentScript.src).href);
