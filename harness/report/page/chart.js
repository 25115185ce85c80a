// SPDX-License-Identifier: GPL-2.0-only
// What all charts share. Plot puts a style element into each chart, which the content security policy does not
// allow: its rules are in page.css, and the element is removed before the chart is in the document.
import {plot} from "@observablehq/plot";

export const marginLeft = 48;
export const marginRight = 28;
// Ticks of a share, and room for the label below the ticks of the axis of time.
export const shares = [0, 0.2, 0.4, 0.6, 0.8, 1];
const marginBottom = 44;
export const labelOffset = 40;

export function draw(label, options) {
  const chart = plot({marginLeft, marginRight, marginBottom, ...options});
  for (const style of chart.querySelectorAll("style")) style.remove();
  chart.setAttribute("role", "group");
  chart.setAttribute("aria-label", label);
  for (const part of chart.querySelectorAll("g[aria-label]")) {
    if (!part.hasAttribute("role")) part.setAttribute("role", "group");
  }
  return chart;
}

// Calls `paint` with the width of the place, at once and when it changes.
export function fitted(place, paint) {
  let width = 0;
  const update = () => {
    const now = Math.floor(place.clientWidth);
    if (now === width || now === 0) return;
    width = now;
    place.replaceChildren(...paint(width));
  };
  new ResizeObserver(update).observe(place);
  update();
}
