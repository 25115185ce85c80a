// SPDX-License-Identifier: GPL-2.0-only
// Survival curves of one scenario and, below them on the same axis, the numbers at risk. All figures are from
// Hangar; this only draws.
import {areaY, axisX, axisY, dot, line, ruleY, text} from "@observablehq/plot";

import {draw, labelOffset, shares} from "./chart.js";

const letter = (index) => String.fromCharCode(65 + index);
const colour = (index) => `var(--c${index})`;
const dashes = ["none", "6 3", "2 3", "8 3 2 3", "10 4", "1 4"];

// The corners of a curve: it starts at 1 and reaches to its longest duration.
function corners(curve) {
  const points = [{s: 0, alive: 1, interval: [1, 1]}, ...curve.steps];
  const last = points.at(-1);
  if (curve.last_s > last.s) points.push({...last, s: curve.last_s});
  return points;
}

function height_at(curve, s) {
  let alive = 1;
  for (const step of curve.steps) if (step.s <= s) alive = step.alive;
  return alive;
}

// Letters at the ends of curves that end close to each other are side by side.
function letter_shift(chart, index) {
  const end = ({last_s, steps}) => [last_s / chart.end_s, steps.at(-1)?.alive ?? 1];
  const [s, alive] = end(chart.curves[index]);
  const near = chart.curves.slice(0, index).map(end).filter(([a, b]) => Math.abs(a - s) < 0.08 && Math.abs(b - alive) < 0.08);
  return 8 + 9 * near.length;
}

function marks_of(chart, curve, index) {
  const points = corners(curve);
  const known = points.filter((point) => point.interval !== null);
  const end = {s: curve.last_s, alive: points.at(-1).alive};
  return [
    areaY(known, {x: "s", y1: (d) => d.interval[0], y2: (d) => d.interval[1], curve: "step-after", fill: colour(index), fillOpacity: 0.12}),
    line(points, {x: "s", y: "alive", curve: "step-after", stroke: colour(index), strokeWidth: 2, strokeDasharray: dashes[index]}),
    dot(curve.censored_s, {x: (s) => s, y: (s) => height_at(curve, s), symbol: "plus", r: 4, stroke: colour(index), title: (s) => `${curve.label}: censored at ${s.toFixed(1)} s`}),
    text([end], {x: "s", y: "alive", text: () => letter(index), dx: letter_shift(chart, index), fontWeight: "bold", fill: colour(index), textAnchor: "start"})
  ];
}

function curves(chart, width) {
  return draw(`Survival of hangs of ${chart.scenario}: ${chart.curves.map((c, i) => `${letter(i)} is ${c.label}`).join(", ")}`, {
    width,
    height: 280,
    x: {domain: [0, chart.end_s * 1.02]},
    y: {domain: [0, 1]},
    marks: [
      ruleY([0]),
      axisX({label: "seconds since the hang began", labelOffset, ticks: chart.times_s, tickFormat: (s) => `${s}`}),
      axisY({label: "share that still lasts", ticks: shares}),
      ...chart.curves.flatMap((curve, index) => marks_of(chart, curve, index))
    ]
  });
}

function at_risk(chart, width) {
  const cells = chart.curves.flatMap((curve, index) =>
    curve.at_risk.map((count, i) => ({s: chart.times_s[i], row: letter(index), count, index})));
  const rows = chart.curves.map((_, index) => letter(index));
  return draw("Hangs that are still watched", {
    width,
    height: 26 + 20 * rows.length,
    marginTop: 22,
    marginBottom: 4,
    x: {domain: [0, chart.end_s * 1.02], axis: null},
    y: {domain: rows, type: "band"},
    marks: [
      axisY({tickSize: 0, tickPadding: 18, label: null, fontWeight: "bold"}),
      text(["still watched (at risk)"], {frameAnchor: "top-left", dy: -18, text: (d) => d}),
      text(cells, {x: "s", y: "row", text: (d) => `${d.count}`})
    ]
  });
}

export function survival(chart, width) {
  return [curves(chart, width), at_risk(chart, width)];
}
