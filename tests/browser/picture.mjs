// Draws the README's picture of the page that trains, after ten seconds of training. In the project's root, after
// make check-web: node tests/browser/picture.mjs
import { launch } from "./harness.mjs";

const SECONDS = 10;
process.env.CHROMIUM ??= "/usr/bin/chromium";
const harness = await launch(`${process.cwd()}/build/browser`);
const page = await harness.open(`file://${process.cwd()}/build/web/index.html`);
await page.waitForSelector("#samples li");
await page.click("#train");
await page.waitForTimeout(1000 * SECONDS);
const clip = await page.$eval("#made-up", (part) => ({ x: 0, y: 0, width: innerWidth, height: part.getBoundingClientRect().bottom + scrollY }));
await page.screenshot({ path: "data/pictures/web.png", fullPage: true, clip });
await page.context().browser().close();
