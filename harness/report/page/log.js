// SPDX-License-Identifier: GPL-2.0-only
// The log of one run: the lines of its excerpt, gaps that open on demand, links to the events and back.
import {button, element} from "./dom.js";

const step = 500;  // lines that one press of a button adds

// The format of harness/report/log_text.h: [number, seconds, text] of each line.
function parse(text) {
  const lines = [];
  let next = 1;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    if (line.startsWith("@")) {
      next = Number(line.slice(1));
      continue;
    }
    const tab = line.indexOf("\t");
    lines.push([next++, line.slice(0, tab), line.slice(tab + 1)]);
  }
  return lines;
}

export class Log {
  // `references`: by line, what links to it: [{href, text, label}]. `load_rest`: null, or gets the other lines.
  constructor({run, id, lines, excerpt, references, load_rest}) {
    Object.assign(this, {run, id, lines, references, load_rest});
    this.shown = new Map(parse(excerpt).map((line) => [line[0], line]));
    this.rest = null;
    this.node = element("div", {class: "log", role: "region", tabindex: 0, "aria-label": `Log of run ${id}`});
    this.paint();
  }

  has(line) {
    return this.shown.has(line);
  }

  // Shows lines of the rest from `from` to `to`, both included.
  async add(from, to) {
    if (this.load_rest === null) return;
    this.rest ??= parse(await this.load_rest());
    for (const line of this.rest) if (line[0] >= from && line[0] <= to) this.shown.set(line[0], line);
    this.paint();
  }

  paint() {
    const nodes = [];
    let last = 0;
    for (const number of [...this.shown.keys()].sort((a, b) => a - b)) {
      if (number > last + 1) nodes.push(this.gap(last + 1, number - 1));
      nodes.push(this.line(this.shown.get(number)));
      last = number;
    }
    if (last < this.lines) nodes.push(this.gap(last + 1, this.lines));
    this.node.replaceChildren(...nodes);
  }

  line([number, time, text]) {
    const id = `l-${this.run}-${number}`;
    const back = (this.references.get(number) ?? []).map((to) => element("a", {class: "back", href: to.href, "aria-label": to.label}, to.text));
    return element("div", {class: back.length > 0 ? "line cited" : "line", id, tabindex: -1},
      element("a", {class: "no", href: `#${id}`, "aria-label": `Line ${number}`}, String(number)),
      element("span", {class: "time"}, time), element("code", {}, text), ...back);
  }

  gap(from, to) {
    const count = to - from + 1;
    const words = `${count} line${count === 1 ? "" : "s"} not shown`;
    if (this.load_rest === null)
      return element("div", {class: "gap"}, `${words}; they are not in this file: `, element("code", {}, `hangar log ${this.id}`));
    const gap = element("div", {class: "gap"}, `${words} `);
    if (count > step) {
      gap.append(button(`show ${step}`, `Show the last ${step} of the ${words}`, () => this.add(to - step + 1, to)), " ");
    }
    gap.append(button("show all", `Show all ${count} lines`, () => this.add(from, to)));
    return gap;
  }
}
