// SPDX-License-Identifier: GPL-2.0-only
// Debian's Chromium for the tests of the report. It has no network: every request that it makes is recorded.
import fs from "node:fs";
import {createRequire} from "node:module";
import os from "node:os";
import path from "node:path";
import {pathToFileURL} from "node:url";

const program = "/usr/bin/chromium";
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"
];

// The packages are in the build folder, which is the first argument of each test program.
export const packages = createRequire(path.join(path.resolve(process.argv[2] ?? "."), "package.json"));

// CTest skips a test that ends with this status.
export function require_browser() {
  if (fs.existsSync(program)) return;
  console.log(`skipped: ${program} is missing; install the Debian package chromium`);
  process.exit(77);
}

export class Browser {
  static async start(options = {}) {
    const {chromium} = packages("playwright-core");
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), "hangar-page-"));
    const context = await chromium.launchPersistentContext(profile, {executablePath: program, args: flags, headless: true, ...options});
    return new Browser(context, profile);
  }

  constructor(context, profile) {
    this.context = context;
    this.profile = profile;
  }

  // A page with what went wrong on it: errors, refusals of the content security policy, requests.
  async open(file, {width = 1280, height = 900, scheme = "light"} = {}) {
    const page = await this.context.newPage();
    const problems = [];
    page.on("console", (message) => { if (["error", "warning"].includes(message.type())) problems.push(message.text()); });
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("dialog", (dialog) => { problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) problems.push(`request: ${request.url()}`);
      else if (request.resourceType() !== "document") problems.push(`${request.resourceType()}: ${request.url().slice(0, 80)}`);
    });
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    });
    await page.setViewportSize({width, height});
    await page.emulateMedia({colorScheme: scheme});
    await page.goto(pathToFileURL(file).href);
    await page.waitForLoadState("load");
    return {page, problems: async () => [...problems, ...await page.evaluate(() => window.violations)]};
  }

  async stop() {
    await this.context.close();
    fs.rmSync(this.profile, {recursive: true, force: true});
  }
}
