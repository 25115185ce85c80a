// SPDX-License-Identifier: GPL-2.0-only
// What happened in one run on one axis of time, which zooms. Each event links to its line of the log.
import {axisX, axisY, barX, dot, ruleX, text} from "@observablehq/plot";

import {draw, fitted, labelOffset} from "./chart.js";
import {button, element, seconds} from "./dom.js";

const spans = {hang: "hang", pulse: "no pulse", probe: "no probe", progress: "no progress", host: "host busy"};
const events = {kill: "kills", crash: "crashes", report: "reports", key: "keys sent", finding: "findings"};
const colours = {
  hang: "var(--fail)", pulse: "var(--c1)", probe: "var(--c3)", progress: "var(--c4)", host: "var(--muted)",
  kill: "var(--c2)", crash: "var(--fail)", report: "var(--c1)", key: "var(--c0)", finding: "var(--c4)"
};
const symbols = {kill: "times", crash: "star", report: "triangle", key: "diamond2", finding: "square"};
const load_row = "vCPU waits";
const marginLeft = 82;

function rows_of(details) {
  const {tracks} = details;
  const used = new Set([...tracks.spans.map((s) => s[0]), ...details.events.map((e) => e[0])]);
  const rows = [];
  for (const kind of ["hang", "pulse", "probe", "progress"]) rows.push(spans[kind]);
  for (const kind of Object.keys(events)) if (used.has(kind)) rows.push(events[kind]);
  if (used.has("host")) rows.push(spans.host);
  if (tracks.load.length > 0) rows.push(load_row);
  return rows;
}

class Timeline {
  constructor(run, details) {
    this.run = run;
    this.details = details;
    this.end = Math.max(details.tracks.end_s, 0.1);
    this.view = [0, this.end];
    this.place = element("div", {class: "chart timeline", tabindex: 0, role: "group", "aria-label": "Timeline: + and - zoom, arrow keys move, 0 shows all"});
    this.range = element("output", {class: "range"});
    this.controls = element("div", {class: "controls", role: "group", "aria-label": "Zoom of the timeline"},
      button("+", "Zoom in", () => this.zoom(0.5)), button("\u2212", "Zoom out", () => this.zoom(2)),
      button("\u2190", "Earlier", () => this.move(-0.25)), button("\u2192", "Later", () => this.move(0.25)),
      button("All", "All: show the whole run", () => this.show(0, this.end)), this.range,
      element("small", {}, "Keys on the chart: + \u2212 \u2190 \u2192 0. Drag to move, Ctrl and the wheel to zoom. Marks lead to the log."));
    this.listen();
  }

  listen() {
    const keys = {"+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), "0": () => this.show(0, this.end),
      ArrowLeft: () => this.move(-0.25), ArrowRight: () => this.move(0.25)};
    this.place.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    this.place.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== this.place) return;
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.time_at(event.clientX));
    }, {passive: false});
    this.place.addEventListener("pointerdown", (event) => {
      if (event.target.closest("a") || event.pointerType === "touch") return;
      this.drag = {x: event.clientX, view: [...this.view]};
      this.place.setPointerCapture(event.pointerId);
    });
    this.place.addEventListener("pointermove", (event) => {
      if (!this.drag) return;
      const [from, to] = this.drag.view;
      const shift = ((this.drag.x - event.clientX) / this.inner()) * (to - from);
      this.show(from + shift, to + shift);
    });
    for (const end of ["pointerup", "pointercancel"]) this.place.addEventListener(end, () => { this.drag = null; });
  }

  inner() {
    return Math.max(1, this.place.clientWidth - marginLeft - 16);
  }

  time_at(x) {
    const share = (x - this.place.getBoundingClientRect().left - marginLeft) / this.inner();
    return this.view[0] + Math.min(1, Math.max(0, share)) * (this.view[1] - this.view[0]);
  }

  zoom(factor, around = (this.view[0] + this.view[1]) / 2) {
    this.show(around - (around - this.view[0]) * factor, around + (this.view[1] - around) * factor);
  }

  move(share) {
    const shift = share * (this.view[1] - this.view[0]);
    this.show(this.view[0] + shift, this.view[1] + shift);
  }

  // Within the run, and never shorter than a tenth of a second.
  show(from, to) {
    const length = Math.min(this.end, Math.max(0.1, to - from));
    const begin = Math.min(Math.max(0, from), this.end - length);
    this.view = [begin, begin + length];
    this.paint();
  }

  paint(width = this.place.clientWidth) {
    const focused = this.place.contains(document.activeElement) && document.activeElement !== this.place;
    if (width > 0) this.place.replaceChildren(this.chart(width));
    if (focused) this.place.focus();
    this.range.textContent = `${seconds(this.view[0])} to ${seconds(this.view[1])} of ${seconds(this.end)}`;
  }

  chart(width) {
    const rows = rows_of(this.details);
    const chart = draw("Timeline of the run", {
      width, marginLeft, marginRight: 16, marginTop: 22, height: 68 + 24 * rows.length,
      x: {domain: this.view}, y: {domain: rows, type: "band", padding: 0.25}, r: {domain: [0, 1], range: [0, 7]},
      marks: [axisX({label: "seconds since QEMU started", labelOffset, ticks: Math.max(3, Math.floor(width / 110))}),
        axisY({tickSize: 0, label: null}), ...this.step_marks(width), ...this.span_marks(), ...this.event_marks(), ...this.load_marks(rows)]
    });
    for (const link of chart.querySelectorAll("a")) {
      const title = link.querySelector("title");
      if (title) link.setAttribute("aria-label", title.textContent);
    }
    return chart;
  }

  step_marks(width) {
    const [from, to] = this.view;
    const steps = this.details.tracks.steps.filter(([s]) => s >= from && s <= to).map(([s, name]) => ({s, name}));
    const letter = ((to - from) / Math.max(1, width - marginLeft - 16)) * 6.5;
    let free = from;
    const labels = [];
    for (const step of steps) {
      const length = letter * step.name.length;
      const begin = step.s + length > to ? step.s - length : step.s;  // the last ones grow to the left
      if (begin < free) continue;
      labels.push({...step, begin});
      free = begin + length;
    }
    return [
      ruleX(steps, {x: "s", stroke: "var(--muted)", strokeDasharray: "3 3", title: (d) => `${d.name} at ${seconds(d.s)}`}),
      text(labels, {x: "begin", text: "name", frameAnchor: "top", dy: -14, textAnchor: "start", fill: "var(--muted)"})
    ];
  }

  span_marks() {
    const [from, to] = this.view;
    const shown = this.details.tracks.spans.filter(([, a, b]) => b >= from && a <= to)
      .map(([kind, a, b, name]) => ({kind, row: spans[kind], a: Math.max(a, from), b: Math.min(b, to), name: `${spans[kind]}: ${name}, from ${seconds(a)} to ${seconds(b)}`}));
    const common = {x1: "a", x2: "b", y: "row", fill: (d) => colours[d.kind], stroke: (d) => colours[d.kind], title: "name"};
    const links = this.hang_links();
    return [
      barX(shown.filter((d) => d.kind !== "hang"), {...common, fillOpacity: 0.55}),
      barX(shown.filter((d) => d.kind === "hang"), {...common, href: (d) => links.shift() ?? null})
    ];
  }

  // By visible hang: where the log shows it.
  hang_links() {
    const [from, to] = this.view;
    const hangs = this.details.events.map((event, index) => ({event, index})).filter(({event}) => event[0] === "hang");
    return this.details.tracks.spans.filter(([kind]) => kind === "hang")
      .map((span, i) => ({span, at: hangs[i]})).filter(({span}) => span[2] >= from && span[1] <= to)
      .map(({at}) => at && at.event[3] > 0 ? `#l-${this.run}-${at.event[3]}` : null);
  }

  event_marks() {
    const [from, to] = this.view;
    const shown = this.details.events.filter(([kind, s]) => kind in events && s >= from && s <= to)
      .map(([kind, s, name, line]) => ({kind, row: events[kind], s, line, name: `${name} at ${seconds(s)}${line > 0 ? `, line ${line}` : ""}`}));
    return Object.keys(events).map((kind) => dot(shown.filter((d) => d.kind === kind), {
      x: "s", y: "row", symbol: symbols[kind], r: 5, fill: kind === "kill" ? "none" : colours[kind], stroke: colours[kind], strokeWidth: 2,
      title: "name", href: (d) => (d.line > 0 ? `#l-${this.run}-${d.line}` : null)
    }));
  }

  load_marks(rows) {
    if (!rows.includes(load_row)) return [];
    const [from, to] = this.view;
    const load = this.details.tracks.load.filter(([s]) => s >= from && s <= to).map(([s, share]) => ({s, share}));
    return [dot(load, {x: "s", y: () => load_row, r: (d) => d.share, fill: "var(--muted)", fillOpacity: 0.7,
      title: (d) => `the worst vCPU waited ${Math.round(100 * d.share)}% of the second before ${seconds(d.s)} for a CPU`})];
  }
}

export function timeline(run, details) {
  const it = new Timeline(run, details);
  fitted(it.place, (width) => [it.chart(width)]);
  it.show(0, it.end);
  return element("div", {class: "timeline-block"}, it.controls, it.place);
}
