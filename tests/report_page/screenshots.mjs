// SPDX-License-Identifier: GPL-2.0-only
// Screenshots of a report, one for each section, to be looked at: light, dark, on a phone; and a printed one.
//   node screenshots.mjs PACKAGES-FOLDER REPORT.html FOLDER
import path from "node:path";

import {Browser, require_browser} from "./browser.mjs";

require_browser();
const [, , , report, folder] = process.argv;
const looks = {light: {}, dark: {scheme: "dark"}, phone: {width: 390, height: 844}};
const browser = await Browser.start();
for (const [name, options] of Object.entries(looks)) {
  const {page, problems} = await browser.open(report, options);
  await page.waitForSelector("details.run[open] .log .line");
  await page.waitForTimeout(300);
  await page.screenshot({path: path.join(folder, `${name}.png`)});
  for (const section of await page.locator("main > section").all()) {
    const id = await section.getAttribute("aria-labelledby");
    await section.screenshot({path: path.join(folder, `${name}-${id}.png`)});
  }
  console.log(name, await problems());
  if (name === "light") await page.pdf({path: path.join(folder, "print.pdf"), format: "A4"});
  await page.close();
}
await browser.stop();
