// SPDX-License-Identifier: GPL-2.0-only
// One run of the list: filled when it is opened.
import {button, element, seconds} from "./dom.js";
import {Log} from "./log.js";
import {timeline} from "./timeline.js";

const words = {hang: "hang", kill: "kill", crash: "crash", report: "report", key: "key sent", finding: "finding"};

const line_link = (run, line) => element("a", {href: `#l-${run}-${line}`}, `line ${line}`);

function facts_list(facts) {
  return element("dl", {class: "facts"}, ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function judgements(run, list) {
  const items = list.map(([verdict, expected, got, lines], i) => {
    const item = element("li", {id: `j-${run}-${i}`, tabindex: -1}, element("b", {}, `${verdict}: `), `expected ${expected}`, got ? `; got ${got}` : "");
    for (const line of lines) item.append(" ", line_link(run, line));
    return item;
  });
  return items.length > 0 ? element("ul", {class: "judgements"}, ...items) : element("p", {}, "Nothing was judged.");
}

function event_list(run, events) {
  if (events.length === 0) return element("p", {}, "No event was seen.");
  return element("ol", {class: "events"}, ...events.map(([kind, time, text, line], i) => {
    const item = element("li", {id: `e-${run}-${i}`, tabindex: -1}, `${seconds(time)} `, element("b", {}, words[kind]), ` ${text} `);
    if (line > 0) item.append(line_link(run, line));
    return item;
  }));
}

// By line of the log: the events and the judgements that name it.
function references(run, details) {
  const by_line = new Map();
  const add = (line, reference) => by_line.set(line, [...(by_line.get(line) ?? []), reference]);
  details.events.forEach(([kind, time, text, line], i) => {
    if (line > 0) add(line, {href: `#e-${run}-${i}`, text: words[kind], label: `${words[kind]}: to the event at ${seconds(time)}, ${text}`});
  });
  details.judgements.forEach(([verdict, expected, , lines], i) => {
    for (const line of lines) add(line, {href: `#j-${run}-${i}`, text: "proof", label: `proof: to the expectation that this line is about: ${verdict}, ${expected}`});
  });
  return by_line;
}

export class RunView {
  constructor(node, data, packs) {
    this.node = node;
    this.data = data;
    this.packs = packs;
    this.index = Number(node.dataset.run);
    this.ready = null;
    node.addEventListener("toggle", () => { if (node.open) this.fill(); });
    if (node.open) this.fill();
  }

  // The same promise each time.
  fill() {
    this.ready ??= this.#fill();
    return this.ready;
  }

  async open() {
    this.node.hidden = false;
    this.node.open = true;
    await this.fill();
  }

  async #fill() {
    const body = this.node.querySelector(".run-body");
    if (this.data.details === null) {
      body.prepend(element("p", {}, "The directory of this run was not read, or the report has no room left for it."));
      return;
    }
    const details = JSON.parse(await this.packs.text(this.data.details));
    body.replaceChildren(
      facts_list(details.facts),
      element("h4", {}, "What was expected"), judgements(this.index, details.judgements),
      element("h4", {}, "Timeline"), timeline(this.index, details),
      element("h4", {}, "Events"), event_list(this.index, details.events),
      element("h4", {}, "Log"), await this.log(details));
  }

  async log(details) {
    if (this.data.lines === 0) return element("p", {}, "The console of this run has no output.");
    if (this.data.excerpt === null)
      return element("p", {}, "The log is not in this file: ", element("code", {}, `hangar log ${this.data.id}`));
    this.lines = new Log({
      run: this.index, id: this.data.id, lines: this.data.lines,
      excerpt: await this.packs.text(this.data.excerpt),
      references: references(this.index, details),
      load_rest: this.data.rest === null ? null : () => this.packs.text(this.data.rest)
    });
    const top = button("first lines", `Show the first lines of the log of run ${this.data.id}`, async () => {
      await this.lines.add(1, 200);
      this.lines.node.scrollTop = 0;
    });
    if (this.data.rest === null) top.hidden = true;
    const end = button("last lines", `Show the last lines of the log of run ${this.data.id}`, () => {
      this.lines.node.scrollTop = this.lines.node.scrollHeight;
    });
    return element("div", {}, element("div", {class: "controls"}, `${this.data.lines} lines `, top, end), this.lines.node);
  }

  async show_line(line) {
    await this.open();
    if (this.lines && !this.lines.has(line)) await this.lines.add(line - 20, line + 20);
  }
}
