/** A word of explanation that shows itself on hover and on focus, and goes by Escape. */

import { el } from "./dom.ts";

/** A sign with what it stands for. `id` is one in the page. */
export function tip(id: string, sign: string, label: string, text: string): HTMLElement {
  const bubble = el("span", { id, popover: "auto", role: "tooltip", class: "tip" }, text);
  const show = () => {
    if (bubble.matches(":popover-open")) return;
    bubble.showPopover();
    const at = button.getBoundingClientRect();
    const left = Math.min(at.left, document.documentElement.clientWidth - bubble.offsetWidth - 8);
    bubble.style.left = `${Math.max(8, left)}px`;
    const isBelow = at.bottom + bubble.offsetHeight + 8 < innerHeight;
    bubble.style.top = `${isBelow ? at.bottom + 4 : at.top - bubble.offsetHeight - 4}px`;
  };
  const hide = () => {
    if (bubble.matches(":popover-open")) bubble.hidePopover();
  };
  const button = el(
    "button",
    { type: "button", class: "sign", "aria-label": label, "aria-describedby": id, mouseenter: show, mouseleave: hide, focus: show, blur: hide, click: show },
    sign,
  );
  return el("span", {}, button, bubble);
}
