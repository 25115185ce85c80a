// SPDX-License-Identifier: GPL-2.0-only
// Elements with text. Text of a guest reaches the page only as a text node or as the value of an attribute.

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") {
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    } else if (value === true) {
      node.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(key, String(value));
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function button(text, label, handler) {
  return element("button", {type: "button", "aria-label": label, title: label, on: {click: handler}}, text);
}

export const seconds = (value) => `${value.toFixed(1)} s`;
