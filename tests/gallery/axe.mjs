// Opens every page of the gallery in Chromium under the service's own policy and lets axe-core look
// at it: light and dark, narrow and wide. Prints what is wrong and fails if anything is.
//   node axe.mjs GALLERY NODE_MODULES
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const [gallery, modules] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), "x.js"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'";
const kinds = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const server = http.createServer((request, response) => {
  const file = path.join(gallery, path.normalize(new URL(request.url, "http://gallery").pathname));
  if (!fs.existsSync(file)) {
    // What a page frames is not in the gallery: an empty page stands for it.
    response.writeHead(200, { "content-type": kinds[".html"] });
    response.end("<!DOCTYPE html><html lang=\"en\"><title>file</title><main><h1>file</h1></main></html>");
    return;
  }
  response.writeHead(200, { "content-type": kinds[path.extname(file)], "content-security-policy": policy });
  fs.createReadStream(file).pipe(response);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const base = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
});
const pages = fs.readdirSync(gallery).filter((name) => name.endsWith(".html")).sort();
let faults = 0;
const fault = (...words) => { faults += 1; console.error(...words); };

for (const [tag, width, colorScheme] of [["vi", 320, "light"], ["vi", 1280, "dark"], ["en", 360, "dark"], ["en", 1280, "light"]]) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  for (const name of pages.filter((name) => name.endsWith(`.${tag}.html`))) {
    await page.goto(`${base}/${name}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) { fault(name, width, `is ${overflow} px too wide`); }
    await page.evaluate(axe);
    const { violations } = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }), rules);
    for (const violation of violations) {
      const where = violation.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ");
      fault(name, width, colorScheme, violation.id, where);
    }
  }
  await context.close();
}

// Under the policy itself nothing may be refused.
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
const page = await context.newPage();
page.on("console", (message) => { if (message.type() === "error") { fault(page.url(), message.text()); } });
for (const name of pages) { await page.goto(`${base}/${name}`); }

await browser.close();
server.close();
console.log(`${pages.length} pages, ${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
