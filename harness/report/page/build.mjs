// SPDX-License-Identifier: GPL-2.0-only
// Bundles the page's script and style sheet and writes them as C++ (page_bundle.h).
//   node build.mjs FOLDER     FOLDER has node_modules; bundle.cpp is written there
import fs from "node:fs";
import {createRequire} from "node:module";
import path from "node:path";
import {fileURLToPath} from "node:url";

const sources = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(process.argv[2]);
const esbuild = createRequire(path.join(folder, "package.json"))("esbuild");

function bundle(entry) {
  return esbuild.buildSync({
    entryPoints: [path.join(sources, entry)],
    nodePaths: [path.join(folder, "node_modules")],
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome103", "firefox113", "safari16.4"],
    charset: "utf8",
    legalComments: "none",
    write: false,
    metafile: true
  });
}

// The copyright notices of the packages that are in the bundle, which go where the bundle goes.
function notices(metafile) {
  const packages = new Set();
  for (const [input, {bytesInOutput}] of Object.entries(Object.values(metafile.outputs)[0].inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found && bytesInOutput > 0) packages.add(found[1]);
  }
  const by_text = new Map();
  for (const name of [...packages].sort()) {
    const home = path.join(folder, "node_modules", name);
    const file = fs.readdirSync(home).find((entry) => /^licen[cs]e/i.test(entry));
    const {version, license} = JSON.parse(fs.readFileSync(path.join(home, "package.json"), "utf8"));
    const text = file ? fs.readFileSync(path.join(home, file), "utf8").trim() : `License: ${license}`;
    by_text.set(text, [...(by_text.get(text) ?? []), `${name} ${version}`]);
  }
  return [...by_text].map(([text, names]) => `${names.join(", ")}\n\n${text}\n`).join("\n");
}

// What must not be in a script that a content security policy allows by its hash, inside of an HTML element.
function check(script) {
  for (const pattern of [/\beval\s*\(/, /\bnew\s+Function\b/, /\bFunction\s*\(/, /<\/script/i, /<!--/, /\bimport\s*\(/]) {
    const found = pattern.exec(script);
    if (found) throw new Error(`the bundle has ${found[0]}: ...${script.slice(found.index - 60, found.index + 60)}...`);
  }
}

// The bytes as C++ literals on lines; `?` is escaped because of trigraphs.
function literal(text) {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  const octal = (byte) => `\\${byte.toString(8).padStart(3, "0")}`;
  const lines = [];
  for (let at = 0; at < bytes.length; at += 4000) {
    const escaped = bytes.slice(at, at + 4000).replace(/[\\"?]/g, "\\$&").replace(/\n/g, "\\n").replace(/[^\x20-\x7e]/g, (c) => octal(c.charCodeAt(0)));
    lines.push(`    "${escaped}"`);
  }
  return lines.join("\n");
}

const script = bundle("main.js");
const code = script.outputFiles[0].text;
check(code);
const text = `/*\n${notices(script.metafile).replaceAll("*/", "* /")}*/\n${code}`;
const style = bundle("page.css").outputFiles[0].text;
fs.writeFileSync(path.join(folder, "bundle.cpp"), `// Made by harness/report/page/build.mjs.
#include "harness/report/page_bundle.h"

namespace hangar::report {

const std::string_view page_script =
${literal(text)};

const std::string_view page_style =
${literal(style)};

}  // namespace hangar::report
`);
console.log(`report page: script ${text.length} bytes, style sheet ${style.length} bytes`);
