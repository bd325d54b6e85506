// Checks the report pages in WORK/runs, which tests/browser/report makes. Usage: report.mjs NOMEN WORK.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { strict as assert } from "node:assert";
import { launch, set, sticksOut } from "./harness.mjs";

const [nomen, work] = process.argv.slice(2);
const MODELS = ["counts", "trigram", "bigram", "mlp", "relu", "norms", "attention", "states", "batchnorm", "variance", "hierarchical",
    "transformer", "gru", "recurrent"];
const HOSTILE = ["plain", "masked", "scripts", "wide", "unseen"];
const PREFIXES = ["", "m", "ann", "zzq", "christopher"];
const TEMPERATURES = [0.5, 1, 2.3];
const TOLERANCE = 1e-5;

const urlOf = (name) => `file://${work}/runs/${name}/report.html`;
const harness = await launch(work);
const open = (name, options) => harness.open(urlOf(name), options);
const test = (what, name, options, check) => harness.test(`${name}: ${what}`, urlOf(name), options, check);

const bars = (page) => page.$$eval("#next data", (values) => values.map((data) => Number(data.value)));
const widths = (page) => page.$$eval("#next .bar span", (spans) => spans.map((span) => span.style.width));
const made = (page) => page.$$eval("#made li bdi", (names) => names.map((name) => name.textContent));

function next(name, prefix) {
    const args = ["next", `${work}/runs/${name}`, "--json", "--temperature", TEMPERATURES.join(), "--prefix", prefix];
    return JSON.parse(execFileSync(nomen, args, { encoding: "utf8" })).probabilities;
}

async function agrees(page, name) {
    for (const prefix of PREFIXES) {
        const expected = next(name, prefix);
        await set(page, "prefix", prefix);
        for (const [t, temperature] of TEMPERATURES.entries()) {
            await set(page, "temperature", temperature);
            const found = await bars(page);
            assert.equal(found.length, expected[t].length);
            const off = Math.max(...found.map((p, i) => Math.abs(p - expected[t][i])));
            assert.ok(off < TOLERANCE, `after "${prefix}" at T = ${temperature}: off by ${off}`);
        }
    }
}

async function topK(page) {
    await set(page, "prefix", "an");
    const all = await bars(page);
    await set(page, "top-k", 3);
    const kept = await bars(page);
    const largest = [...all].sort((a, b) => b - a).slice(0, 3);
    const sum = largest.reduce((a, b) => a + b);
    for (const [i, p] of kept.entries())
        assert.ok(Math.abs(p - (largest.includes(all[i]) ? all[i] / sum : 0)) < 1e-12, `symbol ${i}: ${p} of ${all[i]}`);
}

async function twentyNames(page) {
    await set(page, "prefix", "ma");
    await page.click("#more");
    const first = await made(page);
    await page.click("#more");
    const second = await made(page);
    assert.equal(first.length, 20);
    assert.equal(second.length, 20);
    assert.notDeepEqual(first, second);
    for (const name of first) assert.ok(name.startsWith("ma"), name);
    await set(page, "prefix", "");
    await page.click("#draw");
    const prefix = await page.inputValue("#prefix");
    assert.match(await page.textContent("#expects"), prefix === "" ? /^Drew the end/ : new RegExp(`^Drew \u201c${prefix}\u201d\\.`));
}

// A name of the greatest length does not grow.
async function longestName(page) {
    const full = "a".repeat(99);
    await set(page, "prefix", full);
    await page.click("#draw");
    assert.equal(await page.inputValue("#prefix"), full);
    assert.match(await page.textContent("#expects"), /^A name here has at most 99 characters: nothing was drawn\. /);
}

// The number beside a name is that of nomen score.
async function scores(page, name) {
    await page.click("#more");
    const items = await page.$$eval("#made li", (all) => all.map((item) => [item.children[0].textContent, item.children[1].textContent]));
    const whole = items.filter(([name]) => !name.startsWith("(") && !name.endsWith("\u2026"));
    const input = whole.map(([name]) => `${name}\n`).join("");
    const all = JSON.parse(execFileSync(nomen, ["score", `${work}/runs/${name}`, "-", "--json"], { input, encoding: "utf8" }));
    for (const [i, [text, nll]] of whole.entries())
        assert.ok(Math.abs(all.names[i].nll_per_char - Number(nll)) < 0.006, `${text}: ${nll}`);
}

async function unknownCharacters(page) {
    await set(page, "prefix", "an\u00df<b>");
    assert.equal(await page.getAttribute("#prefix", "aria-invalid"), "true");
    assert.match(await page.textContent("#expects"), /does not know \u201c\u00df\u201d/);
    assert.ok(await page.isDisabled("#more"));
    await set(page, "prefix", "an");
    assert.equal(await page.getAttribute("#prefix", "aria-invalid"), "false");
    assert.ok(await page.isEnabled("#more"));
}

// The shares of each attention map's rows, and the letters of the rows and columns.
const maps = (page) =>
    page.$$eval("#maps svg", (all) =>
        all.map((svg) => ({
            rows: Array.from(svg.querySelectorAll("g"), (g) => Array.from(g.querySelectorAll("rect:not(.track)"), (cell) => Number(cell.getAttribute("fill-opacity")))),
            letters: Array.from(svg.querySelectorAll("text"), (text) => text.textContent).join(""),
        })));

async function attentionMoves(page) {
    let before = await maps(page);
    assert.equal(before.length, 6); // heads of both layers
    for (const text of ["m", "ma", "mar"]) {
        await page.type("#prefix", text.at(-1));
        const shown = await maps(page);
        for (const [i, { rows, letters }] of shown.entries()) {
            assert.equal(letters, `.${text}.${text}`);
            assert.deepEqual(rows.map((row) => row.length), Array.from(`.${text}`, (_, t) => t + 1));
            for (const row of rows) assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 0.001 * row.length, `${row}`);
            assert.deepEqual(rows.slice(0, -1), before[i].rows); // earlier positions do not see the new one
        }
        before = shown;
    }
    assert.notDeepEqual(before[0].rows, before[1].rows);
    await set(page, "prefix", "m1");
    assert.deepEqual(await maps(page), []);
}

// A network that reads names ends where its positions do.
async function endsWithContext(page) {
    assert.equal(await page.getAttribute("#prefix", "maxlength"), "15");
    await set(page, "prefix", "a".repeat(15));
    await page.click("#draw");
    assert.match(await page.textContent("#expects"), /^A name here has at most 15 characters: nothing was drawn\. /);
    await set(page, "temperature", 3);
    await page.click("#more");
    for (const name of await made(page)) assert.ok(/^a{15}$|^a{15}[a-z]\u2026$/u.test(name), name);
}

const softmaxTable = (page) => page.$$eval("#softmax-rows tr", (rows) => rows.map((row) => Array.from(row.children, (cell) => cell.textContent)));

async function softmaxSideBySide(page) {
    assert.deepEqual((await softmaxTable(page))[2], ["5", "0.9362", "0.9362", "-0.0659"]);
    await page.click("text=1000, 1001, 1002");
    assert.deepEqual((await softmaxTable(page))[2], ["1002", "NaN", "0.6652", "-0.4076"]);
    assert.match(await page.textContent("#softmax-says"), /infinity divided by infinity/);
    await set(page, "logits", "-200 -201; -202");
    assert.deepEqual((await softmaxTable(page))[0], ["-200", "NaN", "0.6652", "-0.4076"]);
    await set(page, "logits", "88 88 88");
    assert.deepEqual((await softmaxTable(page))[0], ["88", "0.0000", "0.3333", "-1.0986"]);
    await set(page, "logits", "1, <b>");
    assert.match(await page.textContent("#softmax-says"), /found <b>\./);
    assert.deepEqual(await softmaxTable(page), []);
    await set(page, "logits", "0 1");
    await set(page, "logit-temperature", 2);
    assert.equal((await softmaxTable(page))[1][2], (1 / (1 + Math.exp(-0.5))).toFixed(4));
}

// Tab reaches every control, and keys operate them.
async function keyboard(page) {
    const reached = [];
    for (let i = 0; i < 60; i++) {
        await page.keyboard.press("Tab");
        const focus = await page.evaluate(() => {
            const style = getComputedStyle(document.activeElement);
            return { id: document.activeElement.id, outline: style.outlineStyle, width: style.outlineWidth };
        });
        if (focus.id === "") continue;
        reached.push(focus.id);
        assert.ok(focus.outline !== "none" && focus.width !== "0px", `${focus.id} shows no focus`);
        const before = await widths(page);
        if (focus.id === "prefix") await page.keyboard.type("an");
        if (focus.id === "temperature") await page.keyboard.press("ArrowRight");
        if (focus.id === "top-k") await page.keyboard.press("Home");
        if (["prefix", "temperature", "top-k"].includes(focus.id)) assert.notDeepEqual(await widths(page), before, focus.id);
        if (focus.id === "more") await page.keyboard.press("Enter");
        if (focus.id === "more") assert.equal((await made(page)).length, 20);
        if (focus.id === "logit-temperature") break;
    }
    assert.deepEqual(reached, ["prefix", "temperature", "top-k", "more", "draw", "logits", "logit-temperature"]);
}

async function fitsPhone(page) {
    await page.$$eval("details", (all) => all.forEach((details) => (details.open = true)));
    if (await page.isEnabled("#more")) await page.click("#more");
    assert.deepEqual(await sticksOut(page), { width: 0, out: [] });
}

async function accessible(page, scheme) {
    if (await page.isEnabled("#more")) await page.click("#more");
    await page.click("text=1000, 1001, 1002");
    await harness.isAccessible(page, scheme);
}

async function selfContained(page, name) {
    const html = readFileSync(`${work}/runs/${name}/report.html`, "utf8");
    assert.ok(!/(?:src|href)\s*=\s*["']?\s*(?:https?:)?\/\//iu.test(html), "a src or href leads away");
    assert.ok(statSync(`${work}/runs/${name}/report.html`).size < 1.2e6 || name === "wide");
    const ids = await page.$$eval("[id]", (all) => all.map(({ id }) => id));
    assert.equal(new Set(ids).size, ids.length, "ids clash");
    const dangling = await page.$$eval("svg *", (all) =>
        all.flatMap((item) => Array.from(item.attributes, ({ name, value }) => value.match(/href$/u.test(name) ? /^#(.+)$/u : /url\(#(.+?)\)/u)))
            .filter((match) => match && !document.getElementById(match[1]))
            .map((match) => match[0]));
    assert.deepEqual(dangling, []);
    assert.equal(await page.$$eval("svg:not([aria-label])", (all) => all.length), 0);
}

// Returns every element outside pictures, with the names of its attributes and its classes.
const skeleton = (page) =>
    page.evaluate(() =>
        Array.from(document.querySelectorAll("*"))
            .filter((item) => !item.closest("svg"))
            .map((item) => `${item.tagName} ${Array.from(item.attributes, ({ name }) => name)} ${item.className}`));

async function maskedPageIsTheSame(page) {
    const plain = await open("plain");
    const expected = await skeleton(plain);
    const pictures = await plain.$$eval("svg", (all) => all.length);
    await plain.context().close();
    assert.deepEqual(await skeleton(page), expected);
    assert.equal(await page.$$eval("svg", (all) => all.length), pictures);
}

async function staysText(page, name) {
    const names = new Set(readFileSync(`${work}/runs/${name}.txt`, "utf8").trim().split("\n"));
    assert.equal(await page.$$eval("script", (all) => all.length), 2);
    assert.equal(await page.$$eval("img, iframe, object, embed, base, link:not([rel=icon]), form, svg script, svg foreignObject", (all) => all.length), 0);
    assert.equal(await page.$$eval("*", (all) => all.filter((item) => Array.from(item.attributes).some((a) => a.name.startsWith("on"))).length), 0);
    assert.equal(await page.evaluate(() => typeof globalThis.hacked), "undefined");
    assert.ok(!existsSync("hacked") && !existsSync(`${work}/runs/hacked`));
    await page.click("#more");
    const shown = [...(await page.$$eval(".samples bdi", (all) => all.map((item) => item.textContent))), ...(await made(page))];
    if (name === "scripts") for (const text of shown) assert.ok(names.has(text), text);
    const config = JSON.parse(readFileSync(`${work}/runs/${name}/config.json`, "utf8"));
    assert.equal(await page.textContent("h1"), name);
    assert.equal(await page.title(), `${name} \u00b7 nomen`);
    assert.equal(JSON.parse(await page.textContent("pre")).name, config.name);
}

async function wideVocabulary(page) {
    assert.equal((await bars(page)).length, 30);
    assert.match(await page.textContent("#rest"), /30 most likely of \d,?\d+ symbols/);
    const p = await bars(page);
    assert.deepEqual([...p].sort((a, b) => b - a), p);
    await set(page, "prefix", await page.textContent("#next li:nth-child(2) bdi"));
    assert.notDeepEqual(await bars(page), p);
}

async function neverSeen(page) {
    await set(page, "prefix", "bb");
    assert.match(await page.textContent("#expects"), /never saw/);
    assert.ok(await page.isDisabled("#more"));
    await set(page, "prefix", "ab");
    assert.ok(await page.isEnabled("#more"));
}

for (const name of MODELS) await test("the probabilities of nomen next", name, {}, (page) => agrees(page, name));
for (const name of [...MODELS, ...HOSTILE]) {
    await test("is one file without complaints", name, {}, (page) => selfContained(page, name));
    await test("fits 360 pixels", name, { viewport: { width: 360, height: 740 } }, fitsPhone);
}
await test("a long path fits 360 pixels", "far", { viewport: { width: 360, height: 740 } }, fitsPhone);
for (const name of ["counts", "mlp", "hierarchical", "transformer", "masked"]) {
    for (const colorScheme of ["light", "dark"])
        await test(`accessible, ${colorScheme}`, name, { colorScheme, reducedMotion: "reduce" }, (page) => accessible(page, colorScheme));
}
await test("top-k keeps the most likely", "mlp", {}, topK);
await test("twenty more names, one more character", "mlp", {}, twentyNames);
await test("a name of 99 characters takes no more", "mlp", {}, longestName);
for (const name of ["mlp", "gru", "spaced"]) await test("names are scored", name, {}, (page) => scores(page, name));
await test("attention moves as one types", "transformer", {}, attentionMoves);
await test("a page without attention has no maps", "gru", {}, async (page) => assert.ok(!(await page.isVisible("#attention"))));
await test("a name ends with the context", "gru", {}, endsWithContext);
await test("unknown characters", "mlp", {}, unknownCharacters);
await test("softmax side by side", "mlp", {}, softmaxSideBySide);
await test("keyboard alone", "mlp", {}, keyboard);
await test("motion can be switched off", "mlp", { reducedMotion: "reduce" }, async (page) => {
    assert.equal(await page.$eval("#next .bar span", (span) => getComputedStyle(span).transitionDuration), "0s");
});
await test("without JavaScript the rest stands", "mlp", { javaScriptEnabled: false }, async (page) => {
    for (const part of ["try", "softmax"]) assert.ok(await page.isVisible(`#${part} >> text=This part needs JavaScript.`), part);
    assert.ok(await page.isVisible("#losses td"));
    assert.ok(!(await page.isVisible("#live")));
});
await test("a page of masked names differs in text alone", "masked", {}, maskedPageIsTheSame);
for (const name of ["masked", "scripts"]) await test("names stay text", name, {}, (page) => staysText(page, name));
await test("5,000 symbols", "wide", {}, wideVocabulary);
await test("contexts never seen", "unseen", {}, neverSeen);

await harness.finish();
