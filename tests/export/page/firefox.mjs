// Firefox, driven from outside by lines of JSON: {"do": verb, ...} in, {"value": ...} or {"error": ...} out.
// By WebDriver BiDi, for Debian's Firefox speaks nothing else; `modules` is where puppeteer-core is installed.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const LONGEST_MS = 180_000;
const [modules, program] = process.argv.slice(2);
const { default: puppeteer } = await import(pathToFileURL(`${modules}/puppeteer-core/lib/esm/puppeteer/puppeteer-core.js`));
const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true, timeout: LONGEST_MS, protocolTimeout: LONGEST_MS,
  extraPrefsFirefox: { "media.autoplay.default": 0, "network.captive-portal-service.enabled": false, "dom.disable_open_during_load": false } });
let page = null;
let said = [];

const verbs = {
  async open({ url, width = 1440, height = 900 }) {
    if (page) await page.close();
    said = [];
    page = await browser.newPage();
    page.setDefaultTimeout(LONGEST_MS);
    page.on("console", (message) => { if (["error", "warn"].includes(message.type())) said.push(message.text()); });
    page.on("pageerror", (error) => said.push(String(error.message)));
    await page.setViewport({ width, height });
    await page.goto(url);
  },
  press: ({ key }) => page.keyboard.press(key),
  click: ({ selector }) => page.click(selector),
  move: ({ x, y }) => page.mouse.move(x, y),
  hit: ({ x, y }) => page.mouse.click(x, y),
  select: ({ selector, value }) => page.select(selector, value),
  evaluate: ({ expression }) => page.evaluate(expression),
  said: () => said,
  async inWindow({ expression }) {
    const pages = await browser.pages();
    return pages[pages.length - 1].evaluate(expression);
  },
  screenshot: ({ path }) => page.screenshot({ path }).then(() => path),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: verb, ...words } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await verbs[verb](words)) ?? null };
  } catch (error) {
    answer = { error: String(error?.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
