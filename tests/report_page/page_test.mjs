// SPDX-License-Identifier: GPL-2.0-only
// The HTML report in a browser.
//   node page_test.mjs PACKAGES-FOLDER WRITE_REPORT
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {after, before, test} from "node:test";
import {fileURLToPath, pathToFileURL} from "node:url";

import {Browser, packages, require_browser} from "./browser.mjs";

require_browser();
const write_report = process.argv[3];
const rows_file = fileURLToPath(new URL("../../reproducers/victim-frees-little/runs.jsonl", import.meta.url));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "hangar-reports-"));
const report = path.join(folder, "runs.html");
const many = path.join(folder, "many.html");
const hostile = path.join(folder, "hostile.html");
let browser;

before(async () => {
  execFileSync(write_report, ["--copies", "20", report, path.join(folder, "runs")]);
  execFileSync(write_report, ["--copies", "48", many, path.join(folder, "many"), "oom-2015-hang", "healthy"]);
  execFileSync(write_report, ["--hostile", hostile, path.join(folder, "hostile")]);
  browser = await Browser.start();
  browser.context.setDefaultTimeout(60000);
});

after(async () => {
  await browser?.stop();
  fs.rmSync(folder, {recursive: true, force: true});
});

// Opens a report with its first example run open.
async function opened(file, options) {
  const {page, problems} = await browser.open(file, options);
  await page.waitForSelector("details.run[open] .log .line");
  return {page, problems};
}

// Opens every run.
async function open_runs(page) {
  await page.evaluate(() => { for (const run of document.querySelectorAll("details")) run.open = true; });
  await page.waitForFunction(() => [...document.querySelectorAll("details.run")].every((run) => run.querySelector(".log .line, .log .gap, .log:empty")));
}

// Opens every run and every gap of its log.
async function open_all(page) {
  await open_runs(page);
  for (let left = 1; left > 0;) {
    left = await page.evaluate(async () => {
      const all = [...document.querySelectorAll(".gap button:last-child")];
      for (const run of document.querySelectorAll("details.run")) run.querySelector(".gap button:last-child")?.click();
      await new Promise((done) => setTimeout(done, 20));
      return all.length;
    });
  }
}

async function serious(page) {
  await page.evaluate(fs.readFileSync(packages.resolve("axe-core/axe.min.js"), "utf8"));
  const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ["violations"]}));
  return violations.filter(({impact}) => ["serious", "critical"].includes(impact))
    .map(({id, help, nodes}) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 150)).join(" | ")}`);
}

test("without a network and without an error", async () => {
  const {page, problems} = await opened(report);
  await open_all(page);
  assert.ok(await page.locator(".chart svg").count() > 10, "charts are drawn");
  assert.deepEqual(await problems(), []);
  await page.close();
});

test("the policy allows one script and refuses what is not in it", async () => {
  const {page, problems} = await opened(report);
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.hacked = 1";
    document.body.append(script);
    const image = document.createElement("img");
    image.src = "https://example.org/x.png";
    document.body.append(image);
  });
  await page.waitForFunction(() => window.violations.length >= 2);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  const text = (await problems()).join("\n");
  assert.match(text, /script-src/);
  assert.match(text, /img-src/);
  await page.close();
});

test("the order of the page", async () => {
  const {page} = await opened(report);
  const ids = await page.locator("h2").evaluateAll((all) => all.map((node) => node.id));
  const order = ["result", "boundary", "matrix", "comparison", "survival", "rates", "runs", "stacks", "differences", "commands", "words"];
  assert.deepEqual(ids, order.filter((id) => ids.includes(id)));
  for (const id of ["result", "matrix", "survival", "runs", "stacks", "differences", "commands"]) assert.ok(ids.includes(id), id);
  assert.match(await page.locator("h1").textContent(), /hung/);
  await page.close();
});

test("output of a hostile kernel and hostile names are text", async () => {
  const {page, problems} = await opened(hostile);
  await open_all(page);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("img, iframe, object").count(), 0);
  assert.equal(await page.locator("script").count(), 2);
  const log = await page.locator(".log").first().textContent();
  for (const line of [
    "</script></style><script>window.hacked=1</script> <!-- <script> -->",
    "<img src=x onerror=\"window.hacked=1\"> &lt;b&gt; javascript:window.hacked=1",
    "\\x1b[31mred\\x1b[0m", "\\x1b]0;title\\x07 \\xff\\xfe\\xc0\\xaf \\x01 end", "<<<<", "more bytes)"
  ]) assert.ok(log.includes(line), line);
  assert.match(await page.locator("h1").textContent(), /<script>window\.hacked=1<\/script>/);
  assert.match(await page.locator(".events").first().textContent(), /<img src=x> \(99\) killed/);
  assert.equal(await page.locator("a[href^='javascript']").count(), 0);
  assert.deepEqual(await problems(), []);
  await page.close();
});

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing serious (${scheme})`, async () => {
    const {page} = await opened(report, {scheme});
    assert.deepEqual(await serious(page), []);
    await page.close();
  });
}

test("axe finds nothing serious on a phone", async () => {
  const {page} = await opened(report, {width: 390, height: 844});
  assert.deepEqual(await serious(page), []);
  await page.close();
});

test("a phone does not scroll sideways", async () => {
  const {page} = await opened(report, {width: 390, height: 844});
  await open_runs(page);
  assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollWidth].map((n) => n <= 390)), [true, true]);
  const {page: attacked} = await opened(hostile, {width: 390, height: 844});
  await open_all(attacked);
  assert.ok(await attacked.evaluate(() => document.documentElement.scrollWidth) <= 390, "nor with long names and lines");
  await page.close();
  await attacked.close();
});

test("an event leads to its line and the line back to the event", async () => {
  const {page} = await opened(report);
  const event = page.locator("details.run[open] .events li").filter({hasText: "line"}).first();
  const id = await event.getAttribute("id");
  await event.locator("a").last().click();
  const line = page.locator(".line:focus");
  await line.waitFor();
  await line.locator(`a.back[href="#${id}"]`).click();
  await page.waitForFunction((wanted) => document.activeElement.id === wanted, id);
  await page.close();
});

test("a mark of the timeline leads to the log, by keyboard", async () => {
  const {page} = await opened(report);
  const mark = page.locator("details.run[open] .timeline svg a").first();
  await mark.focus();
  assert.match(await mark.getAttribute("aria-label"), /at \d|from \d/);
  await page.keyboard.press("Enter");
  await page.locator(".line:focus").waitFor();
  await page.close();
});

test("a link to a line opens its run and shows the line", async () => {
  const {page} = await browser.open(report);
  const run = await page.locator("details.run").evaluateAll((all) => all.findIndex((node) => !node.open && node.dataset.hung === "yes"));
  await page.evaluate((index) => { location.hash = `#l-${index}-1`; }, run);
  await page.waitForFunction((id) => document.activeElement.id === id, `l-${run}-1`);
  await page.close();
});

async function range(page) {
  return (await page.locator("details.run[open] .range").first().textContent()).match(/[\d.]+/g).map(Number);
}

test("the timeline zooms by buttons, keys, wheel and drag", async () => {
  const {page} = await opened(report);
  const run = page.locator("details.run[open]").first();
  const place = run.locator(".timeline");
  const whole = await range(page);
  assert.equal(whole[0], 0);
  await run.getByRole("button", {name: "Zoom in"}).click();
  const zoomed = await range(page);
  assert.ok(zoomed[1] - zoomed[0] < 0.6 * whole[1], "half of it");
  assert.ok(!(await place.locator("svg").textContent()).includes("guest is up"), "what is outside is not drawn");
  await place.focus();
  await page.keyboard.press("ArrowRight");
  assert.ok((await range(page))[0] > zoomed[0], "later");
  await page.keyboard.press("0");
  assert.deepEqual(await range(page), whole);
  const box = await place.boundingBox();
  await page.mouse.move(box.x + 200, box.y + 100);
  await page.mouse.wheel(0, -200);
  await page.waitForFunction(() => !document.querySelector("details.run[open] .range").textContent.startsWith("0.0 s to") || true);
  const by_wheel = await range(page);
  assert.ok(by_wheel[1] - by_wheel[0] < whole[1], "by wheel");
  await page.mouse.move(box.x + 400, box.y + 76);
  await page.mouse.down();
  await page.mouse.move(box.x + 250, box.y + 76, {steps: 4});
  await page.mouse.up();
  assert.ok((await range(page))[0] > by_wheel[0], "by drag");
  await page.close();
});

test("further lines of a log are shown on demand", async () => {
  const {page} = await opened(report);
  const log = page.locator("details.run[open] .log").first();
  const before_it = await log.locator(".line").count();
  assert.ok(before_it >= 100);
  await log.locator(".gap button").last().click();
  await page.waitForFunction((n) => document.querySelectorAll("details.run[open] .log .line").length > n, before_it);
  const numbers = await log.locator(".line .no").allTextContents();
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b), "in order");
  assert.equal(new Set(numbers).size, numbers.length, "each line once");
  await page.close();
});

test("the rate in order of time is in blocks with intervals", async () => {
  const {page} = await opened(many);
  const chart = page.locator("[data-chart='rate']").first();
  assert.equal(await chart.locator("circle").count(), 2, "24 runs are two blocks of ten");
  assert.match(await chart.locator("svg").textContent(), /runs 11 to 20: \d+ of 10 hung/);
  await chart.locator("xpath=following-sibling::details[1]/summary").click();
  assert.match(await chart.locator("xpath=following-sibling::details[1]").textContent(), /of 10 runs \(95% interval/);
  await page.close();
});

test("the filter hides runs", async () => {
  const {page} = await opened(report);
  await page.selectOption("#filter-verdict", "pass");
  const shown = await page.locator("details.run:visible").evaluateAll((all) => all.map((node) => node.dataset.verdict));
  assert.ok(shown.length > 0 && shown.every((verdict) => verdict === "pass"));
  await page.selectOption("#filter-verdict", "");
  await page.fill("#filter-text", "no such text");
  assert.equal(await page.locator("details.run:visible").count(), 0);
  assert.match(await page.locator("#filter-count").textContent(), /^0 of 20/);
  await page.close();
});

test("the keyboard reaches every control", async () => {
  const {page} = await opened(report);
  const wanted = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("a[href], svg a, button, select, input, summary, [tabindex='0']")].filter((node) => node.checkVisibility());
    controls.forEach((node, i) => { node.dataset.control = i; });
    return controls.length;
  });
  const reached = new Set();
  for (let i = 0; i < wanted + 20; ++i) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.dataset.control));
  }
  reached.delete(undefined);
  assert.equal(reached.size, wanted);
  await page.close();
});

test("charts have real text and a name", async () => {
  const {page} = await opened(report);
  const charts = await page.locator(".chart svg").evaluateAll((all) => all.map((svg) => ({name: svg.getAttribute("aria-label"), words: svg.querySelectorAll("text").length, style: svg.querySelectorAll("style").length})));
  for (const {name, words, style} of charts) {
    assert.ok(name.length > 5);
    assert.ok(words > 0);
    assert.equal(style, 0);
  }
  assert.ok(await page.getByText("still watched (at risk)").count() > 0);
  await page.close();
});

test("the page prints with its charts", async () => {
  const {page} = await opened(report, {scheme: "dark"});
  await page.emulateMedia({media: "print", colorScheme: "dark"});
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  for (const chart of await page.locator("[data-chart] svg").all()) assert.ok((await chart.boundingBox()).height > 40);
  assert.ok(!await page.locator("nav").isVisible());
  assert.ok((await page.pdf({format: "A4"})).length > 20000);
  await page.close();
});

test("a run without console output and a run of which only the row is known are readable", async () => {
  const silent = path.join(folder, "silent.html");
  const runs = path.join(folder, "silent");
  execFileSync(write_report, ["--copies", "2", silent, runs, "healthy"]);
  const [first] = fs.readdirSync(path.join(runs, "state/runs")).map((id) => path.join(runs, "state/runs", id));
  fs.rmSync(path.join(first, "serial.log.xz"));
  execFileSync(write_report, [silent, first]);
  const {page, problems} = await browser.open(silent);
  await page.locator("details.run summary").first().click();
  await page.getByText("The console of this run has no output.").waitFor();
  const rows = path.join(folder, "rows.html");
  execFileSync(write_report, ["--rows", rows, rows_file]);
  const {page: of_rows, problems: row_problems} = await browser.open(rows);
  await of_rows.locator("details.run summary").first().click();
  await of_rows.getByText("The directory of this run was not read").first().waitFor();
  assert.deepEqual([...await problems(), ...await row_problems()], []);
  await page.close();
  await of_rows.close();
});

test("without JavaScript the result, the runs and the commands are readable", async () => {
  const plain = await Browser.start({javaScriptEnabled: false});
  const page = await plain.context.newPage();
  await page.goto(pathToFileURL(report).href);
  const text = await page.locator("body").innerText();
  for (const wanted of ["of 1 runs (95%", "need JavaScript", "Commands that repeat the runs", "Where tasks wait"]) assert.ok(text.includes(wanted), wanted);
  await page.locator("details.run summary").first().click();
  assert.match(await page.locator("details.run").first().innerText(), /hangar log 20261101/);
  await plain.stop();
});
