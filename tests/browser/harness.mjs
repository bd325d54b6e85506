// Pages in headless Chromium, for tests: each page opens from disk in a context of its own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { strict as assert } from "node:assert";

const PATIENCE_MS = 180000; // a machine may be slow
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"];

export const set = (page, id, value) =>
    page.$eval(`#${id}`, (input, to) => {
        input.value = to;
        input.dispatchEvent(new Event("input", { bubbles: true }));
    }, String(value));

// Returns what sticks out of the window, except for what scrolls in a box of its own.
export const sticksOut = (page) =>
    page.evaluate(() => {
        const out = Array.from(document.body.querySelectorAll("*"))
            .filter((item) => !item.closest(".scroll, pre, svg") && item.getBoundingClientRect().right > innerWidth + 0.5)
            .map((item) => item.outerHTML.slice(0, 120));
        return { width: document.documentElement.scrollWidth - innerWidth, out };
    });

// Starts the browser with the packages in `work`/node_modules.
export async function launch(work) {
    const require = createRequire(`${work}/`);
    const { chromium } = require("playwright-core");
    const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
    const start = (args) => chromium.launch({ executablePath: process.env.CHROMIUM, args: [...QUIET, ...args], timeout: PATIENCE_MS });
    let browser = await start([]);
    let passed = 0;
    let failed = 0;

    // page.complaints collects what a page must not do.
    async function open(url, options = {}) {
        const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
        context.setDefaultTimeout(PATIENCE_MS);
        const page = await context.newPage();
        page.complaints = [];
        page.on("console", (message) => page.complaints.push(`console: ${message.text()}`));
        page.on("pageerror", (error) => page.complaints.push(`error: ${error}`));
        page.on("request", (request) => {
            if (request.url() !== url && !/^(?:data|blob):/u.test(request.url())) page.complaints.push(`request: ${request.url()}`);
        });
        page.on("dialog", (dialog) => {
            page.complaints.push(`dialog: ${dialog.message()}`);
            dialog.dismiss();
        });
        await page.goto(url);
        return page;
    }

    // NOMEN_ONLY is a pattern of the tests to run.
    async function test(what, url, options, check) {
        if (!new RegExp(process.env.NOMEN_ONLY ?? "", "u").test(what)) return;
        const page = await open(url, options);
        try {
            await check(page);
            assert.deepEqual(page.complaints, []);
            passed++;
        } catch (error) {
            failed++;
            console.log(`FAILED ${what}\n${String(error.message).slice(0, 1500)}\n`);
        }
        await page.context().close();
    }

    async function isAccessible(page, scheme) {
        const [paper, ink] = await page.evaluate(() => {
            const style = getComputedStyle(document.body);
            return [style.backgroundColor, style.color].map((color) => color.match(/\d+/gu).reduce((sum, part) => sum + Number(part), 0));
        });
        assert.ok(scheme === "dark" ? paper < 150 && ink > 600 : paper > 700 && ink < 150, `${paper} ${ink}`);
        await page.$$eval("details", (all) => all.forEach((details) => (details.open = true)));
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        assert.deepEqual(grave.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html + node.failureSummary)}`), []);
        for (const { id, impact } of violations) console.log(`axe: ${id} (${impact})`);
    }

    // The tests that follow run in a browser with these arguments too.
    async function relaunch(args) {
        await browser.close();
        browser = await start(args);
    }

    async function finish() {
        await browser.close();
        console.log(`${passed} passed, ${failed} failed`);
        process.exit(failed === 0 ? 0 : 1);
    }
    return { open, test, isAccessible, relaunch, finish };
}
