// SPDX-License-Identifier: GPL-2.0-only
// The script of the HTML report.
import {fitted} from "./chart.js";
import {Packs} from "./packs.js";
import {rate} from "./rates.js";
import {RunView} from "./run.js";
import {survival} from "./survival.js";

const data = JSON.parse(document.getElementById("data").textContent);
const packs = new Packs(data.packs);
const views = [...document.querySelectorAll("details.run")].map((node) => new RunView(node, data.runs[Number(node.dataset.run)], packs));

for (const place of document.querySelectorAll("[data-chart]")) {
  const index = Number(place.dataset.index);
  const paint = place.dataset.chart === "survival" ? (width) => survival(data.survival[index], width) : (width) => rate(data.rates[index], width);
  fitted(place, paint);
}

// Links to a line (#l-RUN-LINE), an event (#e-RUN-N), an expectation (#j-RUN-N) or a run (#run-RUN).
async function follow(hash) {
  const [, kind, run, number] = /^#(?:(l|e|j)-)?(?:run-)?(\d+)(?:-(\d+))?$/.exec(hash) ?? [];
  const view = views[Number(run)];
  if (view === undefined) return;
  if (kind === "l") {
    await view.show_line(Number(number));
  } else {
    await view.open();
  }
  const target = document.getElementById(hash.slice(1));
  if (target === null) return;
  target.scrollIntoView({block: "center"});
  (kind === undefined ? target.querySelector("summary") : target).focus({preventScroll: true});
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const hash = link?.getAttribute("href") ?? link?.getAttribute("xlink:href");
  if (!hash?.startsWith("#") || event.ctrlKey || event.metaKey || event.button !== 0) return;
  if (location.hash === hash) follow(hash);  // there is no hashchange
});
window.addEventListener("hashchange", () => follow(location.hash));

const filter = document.querySelector("form.filter");
const wanted = document.getElementById("filter-verdict");
const words = document.getElementById("filter-text");
const count = document.getElementById("filter-count");

function fits(node) {
  const {verdict, hung} = node.dataset;
  const kind = wanted.value === "" || wanted.value === verdict || (wanted.value === "hung" && hung === "yes");
  return kind && node.querySelector("summary").textContent.toLowerCase().includes(words.value.toLowerCase());
}

function apply_filter() {
  let shown = 0;
  for (const {node} of views) {
    node.hidden = !fits(node);
    shown += node.hidden ? 0 : 1;
  }
  count.textContent = `${shown} of ${views.length} runs`;
}

filter.hidden = false;
filter.addEventListener("input", apply_filter);
filter.addEventListener("submit", (event) => event.preventDefault());
apply_filter();

// As on the pages of bug trackers, one example is open: a run that failed and hung, else one of either kind.
const failed = (view) => view.node.dataset.verdict === "fail";
const hung = (view) => view.node.dataset.hung === "yes";
const example = views.find((view) => failed(view) && hung(view)) ?? views.find(failed) ?? views.find(hung);
if (location.hash.length > 1) {
  follow(location.hash);
} else {
  example?.open();
}
