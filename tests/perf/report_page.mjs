// SPDX-License-Identifier: GPL-2.0-only
// What a report of many runs costs: the size of the file, and how long Chromium takes to open it.
//   node report_page.mjs PACKAGES-FOLDER WRITE_REPORT RUNS
// Fails only if the file of 500 runs or fewer has 5 MB or more.
import {execFileSync} from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import {Browser, require_browser} from "../report_page/browser.mjs";

require_browser();
const [, , , write_report, number] = process.argv;
const limit = 5_000_000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "hangar-report-perf-"));
const report = path.join(folder, "report.html");
process.stdout.write(execFileSync(write_report, ["--copies", number, report, folder]));
const bytes = fs.statSync(report).size;

async function open(browser) {
  const began = performance.now();
  const {page, problems} = await browser.open(report);
  const loaded = performance.now();
  await page.waitForSelector("details.run[open] .log .line");
  const shown = performance.now();
  const found = await problems();
  await page.close();
  return {loaded: loaded - began, shown: shown - began, found};
}

const browser = await Browser.start();
const times = [];
for (let i = 0; i < 5; ++i) times.push(await open(browser));
await browser.stop();
fs.rmSync(folder, {recursive: true, force: true});

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(`${number} runs: ${(bytes / 1e6).toFixed(2)} MB, ${Math.round(bytes / number)} bytes a run`);
console.log(`opened in ${median(times.map((t) => t.loaded)).toFixed(0)} ms, with the log of the first run in ${median(times.map((t) => t.shown)).toFixed(0)} ms (medians of ${times.length})`);
for (const {found} of times) if (found.length > 0) throw new Error(found.join("; "));
if (Number(number) <= 500 && bytes >= limit) throw new Error(`${bytes} bytes: the limit is ${limit}`);
