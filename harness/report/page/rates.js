// SPDX-License-Identifier: GPL-2.0-only
// The hang rate of one cell in blocks of runs in order of time, with the interval of each block.
import {axisX, axisY, dot, rect, ruleX, ruleY} from "@observablehq/plot";

import {draw, labelOffset, shares} from "./chart.js";

const middle = (block) => (block.first + block.last) / 2;
const from = (block) => block.first - 0.5;
const to = (block) => block.last + 0.5;
const title = (block) => `runs ${block.first} to ${block.last}: ${block.hits} of ${block.runs} hung\n${block.from} to ${block.to}`;

export function rate(chart, width) {
  const {blocks} = chart;
  const known = blocks.filter((block) => block.interval !== null);
  const end = blocks.at(-1).last;
  return [draw(`Hang rate of ${chart.label} in ${chart.scenario}, in order of time`, {
    width,
    height: 220,
    x: {domain: [0.5, end + 0.5]},
    y: {domain: [0, 1]},
    marks: [
      chart.interval ? rect([chart.interval], {x1: 0.5, x2: end + 0.5, y1: (d) => d[0], y2: (d) => d[1], fill: "var(--c0)", fillOpacity: 0.1}) : null,
      ruleY([chart.hits / chart.runs], {stroke: "var(--c0)", strokeDasharray: "4 4"}),
      ruleY([0]),
      axisX({label: "run, in order of time", labelOffset, ticks: Math.min(10, Math.max(2, Math.floor(width / 90))), tickFormat: (n) => `${n}`}),
      axisY({label: "share that hung", ticks: shares}),
      ruleX(known, {x: middle, y1: (b) => b.interval[0], y2: (b) => b.interval[1], stroke: "var(--text)"}),
      ruleY(blocks, {y: (b) => b.hits / b.runs, x1: from, x2: to, stroke: "var(--text)", strokeOpacity: 0.35}),
      dot(blocks, {x: middle, y: (b) => b.hits / b.runs, fill: "var(--text)", r: 4, title})
    ]
  })];
}
