// Walks through the service as people do, in Chromium: an officer publishes, seals and withdraws;
// a citizen receives on a small screen, with and without scripts; a portal embeds, a stranger
// cannot. Every page on the way is looked at by axe-core. Any surprise ends the walk with an error.
//   node walk.mjs PLAN      (a line of JSON, see mod.rs)
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const plan = JSON.parse(process.argv[2]);
const require = createRequire(path.join(plan.modules, "x.js"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const rules = { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
});

/** A person with a browser of their own. */
async function person(options) {
  const context = await browser.newContext({ locale: "vi-VN", acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("console", (message) => {
    // A refused form is an answer, not a fault of the page.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) { faults.push(`${page.url()}: ${message.text()}`); }
  });
  return page;
}

const faults = [];
let seen = 0;

/** Looks at a page: nothing too wide, nothing that axe finds. */
async function look(page, name) {
  // A click ends before the page that it leads to has come.
  await page.waitForFunction(() => document.documentElement !== null && document.readyState === "complete");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
  if (plan.screenshots) { await page.screenshot({ path: path.join(plan.screenshots, `${name}.png`), fullPage: true }); }
  // The page's own policy forbids foreign scripts: axe runs beside the page, not in it.
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setBypassCSP", { enabled: true });
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
    assert.ok(!exceptionDetails, JSON.stringify(exceptionDetails));
    return result.value;
  };
  await evaluate(axe);
  const found = await evaluate(`axe.run(document, ${JSON.stringify(rules)}).then(({ violations }) => violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ")).join(", ")))`);
  assert.deepEqual(found, [], name);
  await session.detach();
  seen += 1;
}

/** The same on a small screen. */
async function narrow(page, name) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  await look(page, `${name}-360`);
  await page.setViewportSize(size);
}

const heading = (page) => page.locator("h1").first().innerText();
const submit = (page) => page.locator("main form button[type=submit]").last().click();

/** The officer logs in, publishes and seals; gives the link. */
async function publish(officer) {
  await officer.goto(`${plan.service}/officer`);
  assert.match(officer.url(), /\/officer\/login$/);
  await look(officer, "login");
  await officer.fill("#login", plan.login);
  await officer.fill("#password", "không phải mật khẩu");
  await submit(officer);
  await officer.locator(".summary").waitFor();
  await look(officer, "login-wrong");
  await officer.fill("#password", plan.password);
  await submit(officer);
  assert.equal(await heading(officer), "Cần ký");
  await look(officer, "waiting-none");

  await officer.click("nav >> text=Phát hành");
  await officer.setInputFiles("#file", { name: "x.pdf", mimeType: "application/pdf", buffer: Buffer.from("no PDF at all") });
  await officer.fill("#code", plan.code);
  await officer.fill("#title", plan.title);
  await submit(officer);
  assert.equal(await officer.locator(".summary .code").innerText(), "not_pdf");
  assert.equal(await officer.inputValue("#title"), plan.title, "what was typed stays");
  await look(officer, "publish-refused");

  await officer.goto(`${plan.service}/officer/publish`);
  await look(officer, "publish");
  await officer.setInputFiles("#file", plan.pdf);
  assert.equal(await officer.inputValue("#code"), plan.code, "the code stands in the file's name");
  await officer.fill("#title", plan.title);
  assert.deepEqual(await officer.locator("input[name=appearance]").evaluateAll((all) => all.map((one) => one.value)), ["none", "attachment", "seal", "copy", "cong-bao"]);
  assert.ok(await officer.isChecked("#appearance-none"), "the agency's default");
  await officer.check("#appearance-seal");
  await submit(officer);
  assert.equal(await officer.locator(".summary .code").innerText(), "appearance_misfit", "there is no signature to stand over");
  assert.ok(await officer.isChecked("#appearance-seal"), "what was chosen stays");
  await look(officer, "publish-mark-refused");
  await narrow(officer, "publish-mark-refused");
  await officer.setInputFiles("#file", plan.pdf);
  await officer.check("#appearance-copy");
  await submit(officer);
  assert.equal(await heading(officer), plan.title);
  await look(officer, "result-received");

  await officer.click("nav >> text=Cần ký");
  await look(officer, "waiting");
  await officer.click("a:has-text('Xem và ký số')");
  const mark = officer.locator(".facts > div:has(.seal-image)");
  assert.match(await mark.innerText(), /Dấu của bản sao điện tử\s+Trang 1, góc trên bên phải\./);
  assert.ok(await mark.locator("img").evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), "the seal is seen");
  await look(officer, "seal");
  await narrow(officer, "seal");
  await submit(officer);
  await officer.locator(".warnings.wrong").waitFor();
  await look(officer, "seal-unconfirmed");
  for (const box of await officer.locator(".warnings input").all()) { await box.check(); }
  await submit(officer);
  await officer.locator("#link-address").waitFor();
  await look(officer, "result-released");
  return officer.inputValue("#link-address");
}

/** The citizen opens the link, mistypes the code, then types it right; gives the files' address. */
async function receive(citizen, link, to) {
  await citizen.goto(link);
  await citizen.fill("#code", plan.code.replace("0001", "OOO1"));
  await submit(citizen);
  assert.equal(await citizen.locator("h2").first().innerText(), "Chưa mở được kết quả");
  assert.equal(await citizen.locator(".summary strong.code").innerText(), plan.code, "what was perhaps meant");
  await citizen.fill("#code", plan.code.toLowerCase());
  await submit(citizen);
  assert.equal(await heading(citizen), plan.title);
  const [download] = await Promise.all([citizen.waitForEvent("download"), citizen.click("a[download]")]);
  assert.equal(download.suggestedFilename(), `${plan.title}.pdf`);
  await download.saveAs(to);
  return citizen.url();
}

const officer = await person({ viewport: { width: 1280, height: 900 } });
const link = await publish(officer);
assert.ok(link.startsWith(`${plan.service}/r/`), link);

const citizen = await person({ viewport: { width: 360, height: 740 } });
await citizen.goto(plan.service);
await look(citizen, "home");
await citizen.fill("#code", plan.code);
await submit(citizen);
assert.equal(await heading(citizen), "Đã xử lý xong");
await look(citizen, "status");
await citizen.goto(link);
await look(citizen, "link");
await citizen.fill("#code", "H13.12-261123-0002");
await submit(citizen);
await look(citizen, "link-refused");
const files = await receive(citizen, link, plan.received);
await look(citizen, "files");

// The same without scripts, and in the other language.
const plain = await person({ viewport: { width: 320, height: 640 }, javaScriptEnabled: false });
await receive(plain, link, `${plan.received}.plain`);
assert.deepEqual(fs.readFileSync(`${plan.received}.plain`), fs.readFileSync(plan.received));
await plain.goto(link);
await plain.click("button:has-text('English')");
assert.equal(plain.url(), link);
assert.equal(await heading(plain), "Receive your result");

// A portal may embed the link, a stranger may not.
const visitor = await person({ viewport: { width: 1024, height: 800 } });
await visitor.goto(`${plan.portal}/#${link.split("/").pop()}`);
const frame = visitor.frameLocator("iframe");
await frame.locator("#code").fill(plan.code);
const [tab] = await Promise.all([visitor.context().waitForEvent("page"), frame.locator("button").click()]);
await tab.waitForLoadState();
assert.equal(await heading(tab), plan.title);
const elsewhere = await (await browser.newContext()).newPage();
await elsewhere.goto(`${plan.stranger}/#${link.split("/").pop()}`);
await elsewhere.waitForTimeout(500);
assert.equal(await elsewhere.frameLocator("iframe").locator("#code").count(), 0, "a stranger frames the form");

// The officer sees that it was received, prints the slip, and takes the result back.
await officer.reload();
assert.match(await officer.locator(".link-panel").innerText(), /Người nhận đã nhận lần đầu/);
await officer.click("a:has-text('In phiếu trả kết quả')");
await look(officer, "slip");
assert.ok(!(await officer.content()).includes(plan.code), "the slip bears the link and never the code");
await officer.goBack();
await officer.click("nav >> text=Kết quả");
await look(officer, "results");
await officer.fill("#code", plan.code);
await officer.click("button:has-text('Tìm')");
assert.equal(await heading(officer), plan.title, "one result: shown at once");
await officer.click("a:has-text('Thu hồi kết quả')");
await look(officer, "withdraw");
await submit(officer);
await officer.locator(".wrong").waitFor();
await officer.fill("#reason", "Ghi sai địa chỉ.");
await submit(officer);
assert.match(await officer.locator(".over").first().innerText(), /Đã thu hồi/);
await look(officer, "result-withdrawn");
const gone = await citizen.goto(files);
assert.equal(gone.status(), 404);
await look(citizen, "not-found");
await officer.click("button:has-text('Đăng xuất')");
assert.match(officer.url(), /\/officer\/login$/);

assert.deepEqual(faults, []);
await browser.close();
console.log(`${seen} pages`);
