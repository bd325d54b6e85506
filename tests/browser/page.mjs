// Checks the page that trains, and its two modules, against the program. Usage: page.mjs NOMEN WORK WEB.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { strict as assert } from "node:assert";
import { launch, set, sticksOut } from "./harness.mjs";

const [nomen, work, web] = process.argv.slice(2);
const url = `file://${web}/index.html`;
const directory = `${work}/page`;
const OURS = "data/names.txt";
const LECTURE = "data/lecture/names.txt";
const NAMES = 10; // per temperature on the page
const MODULES = ["exact", "relaxed"];
const harness = await launch(work);
const test = (what, options, check) => harness.test(what, url, options, check);

const configOf = (name) => JSON.parse(readFileSync(`configs/${name}.json`, "utf8"));
const shorter = (name, steps) => {
    const config = configOf(name);
    return { ...config, train: { ...config.train, steps } };
};

// Returns the tensors of a model file, except for the time that training took.
function tensorsOf(bytes) {
    const n = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + n));
    const at = ([begin, end]) => createHash("sha256").update(bytes.subarray(8 + n + begin, 8 + n + end)).digest("hex");
    const kept = Object.entries(header).filter(([name]) => !["__metadata__", "state.seconds"].includes(name));
    return Object.fromEntries(kept.map(([name, tensor]) => [name, at(tensor.data_offsets)]));
}

// Trains with the program. Returns the bytes of the model.
function trained(name, config, names) {
    const file = `${directory}/${name}.json`;
    const run = `${directory}/${name}`;
    writeFileSync(file, JSON.stringify(config));
    execFileSync(nomen, ["train", file, "--run", run, "--data", names, "--quiet", "--force", "--threads", "1"]);
    return readFileSync(`${run}/model.safetensors`);
}

const isReady = (page) => page.waitForFunction(() => document.querySelectorAll("#samples li").length > 0);
const says = async (page, id) => (await page.textContent(`#${id}`)).trim();
const waitsFor = (page, id, pattern) =>
    page.waitForFunction(([where, text]) => new RegExp(text, "u").test(document.getElementById(where).textContent), [id, pattern.source]);
const numberIn = async (page, id) => Number((await says(page, id)).replaceAll(",", ""));
const column = (page, i) => page.$$eval(`#samples > div:nth-child(${i}) bdi`, (all) => all.map((item) => item.textContent));

async function saves(page, id) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(`#${id}`)]);
    return readFileSync(await file.path());
}

async function useConfig(page, config) {
    await set(page, "config", typeof config === "string" ? config : JSON.stringify(config, null, 2));
    await page.dispatchEvent("#config", "change");
}

// Lets the module train in the test's own page, without the worker.
async function trainsIn(page, module, config, names) {
    const bytes = readFileSync(`${web}/${module}.wasm`).toString("base64");
    const code = readFileSync("src/web/nomen.js", "utf8");
    const saved = await page.evaluate(async ([source, wasm, text, list]) => {
        const Program = new Function(`${source}; return Nomen;`)();
        const program = new Program(await WebAssembly.compile(Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0))));
        program.putFile("names.txt", new TextEncoder().encode(list));
        program.open(text, "test.json");
        while (!program.train(1000, 1000).evaluates || !program.measure().finished);
        const { model } = program.save();
        let binary = "";
        for (const byte of model) binary += String.fromCharCode(byte);
        return { model: btoa(binary), fuses: program.c.page_fuses(2 ** -12) !== 0 };
    }, [code, bytes, JSON.stringify(config), readFileSync(names, "utf8")]);
    return { fuses: saved.fuses, model: Buffer.from(saved.model, "base64") };
}

const adamw = { type: "adamw" };
const mlp = configOf("mlp");
const SMALL = { ...mlp, train: { steps: 60, eval_every: 20 } };
const withLayers = (context, layers, train) => ({ ...SMALL, model: { context, layers }, train: { ...SMALL.train, ...train } });
const vocab = { type: "linear", out: "vocab" };
const CASES = {
    mlp: shorter("mlp", 300),
    batchnorm: shorter("lectures/part3-batchnorm", 100),
    hierarchical: shorter("lectures/part5-hierarchical", 20),
    bigram: shorter("bigram", 10),
    microgpt: shorter("microgpt", 200),
    transformer: shorter("transformer", 8),
    gru: shorter("gru", 6),
    rnn: shorter("rnn", 6),
    lstm: withLayers(16, [{ type: "embedding", dim: 9 }, { type: "window", n: 3 }, { type: "lstm", out: 20 }, vocab], { optimizer: adamw }),
    early_stop: { ...SMALL, train: { steps: 75, eval_every: 10, early_stop: { patience: 9 } } },
    ended_early: { ...SMALL, train: { steps: 500, eval_every: 10, lr: 3, early_stop: { patience: 2 } } },
    momentum: { ...SMALL, train: { ...SMALL.train, clip_norm: 1, l2_mean: 0.01, optimizer: { type: "sgd", momentum: 0.9, nesterov: true } } },
    // Numbers whose products and sums have few bits or are subnormal, where a sum in double may round wrongly.
    few_bits: withLayers(2, [{ type: "embedding", dim: 5, weight: { constant: 0.5 } }, { type: "flatten" },
        { type: "linear", out: 19, weight: { constant: 0.25 }, bias: { constant: 1 } }, { type: "relu" }, vocab], { lr: 0.5 }),
    subnormal: withLayers(2, [{ type: "embedding", dim: 5, weight: { normal: 1e-38 } }, { type: "flatten" },
        { type: "linear", out: 19, weight: { normal: 1e-3 } }, { type: "tanh" }, vocab], { lr: 1 }),
};

async function sameBits(page, name, module) {
    const config = CASES[name];
    config.data = { ...config.data, path: "names.txt" };
    const { fuses, model } = await trainsIn(page, module, config, OURS);
    if (module === "relaxed" && !fuses) {
        console.log("skipped: multiply-adds here round twice");
        return;
    }
    assert.ok(fuses, "a multiply-add rounds twice");
    assert.deepEqual(tensorsOf(model), tensorsOf(trained(name, config, OURS)));
}

// On the page itself

async function opensNames(page, file) {
    await page.setInputFiles("#names-file", file);
    await page.waitForFunction((text) => document.getElementById("names").value === text, readFileSync(file, "utf8"));
}

// Drops files onto the page.
const drops = (page, files) =>
    page.evaluate((all) => {
        const dataTransfer = new DataTransfer();
        for (const [name, bytes] of all) dataTransfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, files.map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]));

// Trains a config, or the shipped config of this name.
async function finishes(page, config, names) {
    await isReady(page);
    await opensNames(page, names);
    await (typeof config === "string" ? page.selectOption("#choice", config) : useConfig(page, config));
    await waitsFor(page, "status", /parameters/u);
    await page.click("#train");
    await waitsFor(page, "status", /^Finished/u);
}

async function lecture(page) {
    const config = shorter("lectures/part3-kaiming", 1000);
    const names = existsSync(LECTURE) ? LECTURE : OURS;
    await finishes(page, config, names);
    const model = await saves(page, "save-model");
    assert.deepEqual(tensorsOf(model), tensorsOf(trained("lecture", config, names)));
    writeFileSync(`${directory}/names.txt`, readFileSync(names));
    writeFileSync(`${directory}/model.safetensors`, model);
    writeFileSync(`${directory}/config.json`, await saves(page, "save-config"));
    const sampled = execFileSync(nomen, ["sample", `${directory}/model.safetensors`, "-n", NAMES, "-t", "1"], { encoding: "utf8" });
    const shown = await column(page, 2);
    assert.deepEqual(shown.map((text) => (text === "(an empty name)" ? "" : text)), sampled.split("\n").slice(0, NAMES));
    const step = execFileSync(nomen, ["train", `${directory}/config.json`, "--run", `${directory}/again`, "--steps", "10", "--quiet"], { encoding: "utf8" });
    assert.equal(step, "");
    await page.reload();
    await isReady(page);
    await drops(page, ["model.safetensors", "config.json", "names.txt"].map((name) => [name, readFileSync(`${directory}/${name}`)]));
    await waitsFor(page, "step", /^1,000$/u);
    await waitsFor(page, "files-say", /open, after 1,000 steps/u);
    await isReady(page);
    assert.deepEqual(await column(page, 2), shown);
    assert.deepEqual(tensorsOf(await saves(page, "save-model")), tensorsOf(model));
}

async function microgpt(page) {
    const config = configOf("microgpt");
    await finishes(page, "microgpt", LECTURE);
    const rows = (await saves(page, "save-losses")).toString().trim().split("\n").map((line) => line.split(","));
    for (const [step, expected] of Object.entries(config.expect.loss)) {
        const row = rows.find((fields) => fields[0] === step && fields[1] !== "");
        assert.equal(Number(row[1]).toFixed(4), expected, `the loss at step ${step}`);
    }
    assert.deepEqual(await column(page, 1), config.expect.samples.choices.slice(0, NAMES));
    assert.match(await says(page, "speed"), /of microgpt,/u);
    await set(page, "prefix", "ann");
    await waitsFor(page, "prefix-says", /ann/u);
    assert.equal(await page.$$eval("#maps svg", (all) => all.length), 4); // heads
}

async function pauses(page) {
    await isReady(page);
    await page.click("#train");
    await waitsFor(page, "step", /^[1-9]/u);
    await waitsFor(page, "rate", /^[1-9]/u);
    const before = await page.getAttribute("#curve polyline", "points");
    await page.waitForFunction((points) => document.querySelector("#curve polyline").getAttribute("points") !== points, before);
    const moved = await page.$eval("#embedding g:nth-child(5)", (item) => item.style.transform);
    await page.waitForFunction((place) => document.querySelector("#embedding g:nth-child(5)").style.transform !== place, moved);
    await page.click("#train");
    await waitsFor(page, "status", /^Paused/u);
    await page.waitForTimeout(300);
    const step = await numberIn(page, "step");
    await page.waitForTimeout(300);
    assert.equal(await numberIn(page, "step"), step);
    assert.equal(await says(page, "status"), `Paused after ${step.toLocaleString("en")} steps.`);
    assert.match(await says(page, "speed"), /^This page made [\d,]+ steps per second of mlp/u);
    await page.click("#train");
    await page.waitForFunction((n) => Number(document.getElementById("step").textContent.replaceAll(",", "")) > n, step);
    await page.click("#reset");
    await waitsFor(page, "step", /^0$/u);
    assert.equal(await says(page, "loss"), "\u2013");
}

// Without the processor's fused multiply-add the page takes the exact module.
async function withoutFused(page) {
    await isReady(page);
    if (!/64-bit/u.test(await says(page, "kernels"))) {
        console.log("skipped: this browser has a fused multiply-add in spite of the flag");
        return;
    }
    const config = shorter("mlp", 30);
    await finishes(page, config, OURS);
    assert.deepEqual(tensorsOf(await saves(page, "save-model")), tensorsOf(trained("unfused", config, OURS)));
}

// The probabilities are those of nomen next.
async function looks(page) {
    const config = shorter("mlp", 200);
    await finishes(page, config, OURS);
    trained("looks", config, OURS);
    await set(page, "temperature", 2.3);
    await set(page, "prefix", "ann");
    await waitsFor(page, "prefix-says", /ann/u);
    const shown = await page.$$eval("#next data", (all) => all.map((item) => Number(item.value)));
    const args = ["next", `${directory}/looks`, "--json", "--temperature", "2.3", "--prefix", "ann"];
    assert.deepEqual(shown, JSON.parse(execFileSync(nomen, args, { encoding: "utf8" })).probabilities[0]);
    await set(page, "prefix", "a<b>");
    await waitsFor(page, "prefix-says", /</u);
    assert.equal(await page.getAttribute("#prefix", "aria-invalid"), "true");
}

// What is wrong, what the page says, and the text that it selects.
const WRONG = [
    ['{ "model": {', /^Line 1: not JSON/u, null],
    ['{\n  "data": { "path": "x" },\n  "modell": {},\n  "train": { "steps": 1 }\n}', /^Line 3: modell: .*model/u, '"modell": {}'],
    [{ ...mlp, train: { ...mlp.train, lr: "fast" } }, /train\.lr: expected a number.*"fast"/u, '"lr": "fast"'],
    [{ ...mlp, model: { context: 3, layers: [{ type: "embeding", dim: 3 }] } }, /layers\[0\].*embedding/u, '"type": "embeding"'],
    [{ ...mlp, model: { context: 3, layers: [{ type: "embedding", dim: 3 }, { type: "tanh" }] } }, /layers/u, null],
];

async function errorsAtThePlace(page) {
    await isReady(page);
    for (const [config, message, selected] of WRONG) {
        await useConfig(page, config);
        await waitsFor(page, "config-says", message);
        assert.equal(await page.getAttribute("#config", "aria-invalid"), "true");
        const found = await page.$eval("#config", (text) => text.value.slice(text.selectionStart, text.selectionEnd));
        if (selected) assert.equal(found, selected);
    }
    await useConfig(page, mlp);
    await isReady(page);
    assert.equal(await says(page, "config-says"), "");
    await set(page, "names", "anna\nb\u0007ob\n");
    await page.dispatchEvent("#names", "change");
    await waitsFor(page, "names-say", /line 2/u);
    await waitsFor(page, "status", /^No model yet/u);
    assert.equal(await page.$$eval("#samples li, #next li, #points:not([hidden])", (all) => all.length), 0);
    for (const [file, message] of [["", /empty/u], ["anna\n", /single name/u], [readFileSync("data/pictures/web.png"), /UTF-8/u]]) {
        await drops(page, [["list.txt", file]]);
        await waitsFor(page, "names-say", message);
        assert.equal(await page.getAttribute("#names", "aria-invalid"), "true");
    }
    await page.click("#shipped");
    await isReady(page);
    assert.equal(await page.getAttribute("#names", "aria-invalid"), "false");
}

// A trained model stays until Train or Reset, whatever is chosen, dropped or typed.
async function keepsWhatIsTrained(page) {
    await isReady(page);
    await page.click("#train");
    await waitsFor(page, "step", /^[1-9]/u);
    await page.selectOption("#choice", "gru");
    await waitsFor(page, "status", /Reset/u);
    await page.click("#train");
    await waitsFor(page, "status", /^Paused.*have changed/u);
    await useConfig(page, { ...mlp, train: { steps: 30 } });
    assert.equal(await page.inputValue("#choice"), "");
    assert.notEqual(await says(page, "step"), "0");
    await page.click("#train");
    await waitsFor(page, "status", /^Finished after 30 steps/u);
    assert.ok(await page.isDisabled("#train"));
    await set(page, "names", "anna\nbob\ncarl\ndora\nemil\nfritz\ngerd\nhans\nida\njo\n");
    await page.click("#train");
    await waitsFor(page, "names-say", /^10 names/u);
    await waitsFor(page, "status", /^Finished after 30 steps/u);
}

const MARKUP = ["<script>hacked=1</script>", "<img src=x onerror=hacked=1>", "</textarea><svg onload=hacked=1>", "\"'`${hacked=1}", "{{script}}", "\u202egnp"];

async function namesStayText(page) {
    await isReady(page);
    await set(page, "names", Array.from({ length: 60 }, (_, i) => MARKUP[i % MARKUP.length]).join("\n"));
    await useConfig(page, { ...SMALL, name: "<b>hacked", model: { context: 8, layers: mlp.model.layers }, train: { steps: 400, lr: 0.2 } });
    await waitsFor(page, "status", /parameters/u);
    await page.click("#train");
    await waitsFor(page, "status", /^Finished/u);
    assert.match((await column(page, 1)).join(""), /</u);
    assert.equal(await page.evaluate(() => typeof globalThis.hacked), "undefined");
    assert.equal(await page.$$eval("main :is(script, img, iframe, b)", (all) => all.length), 0);
}

async function hugeConfig(page) {
    await isReady(page);
    const layers = [{ type: "embedding", dim: 10 }, { type: "flatten" }, { type: "linear", out: 400000 }, { type: "tanh" }, vocab];
    await useConfig(page, { ...mlp, model: { context: 3, layers } });
    await waitsFor(page, "config-says", /needs [\d.]+ GiB of memory|out of memory/u);
    await useConfig(page, mlp);
    await waitsFor(page, "status", /parameters/u);
}

// A step that takes half a minute: the page draws before it ends, and Reset ends it.
async function slowConfig(page) {
    await isReady(page);
    const layers = [{ type: "embedding", dim: 64 }, { type: "flatten" }, { type: "linear", out: 4000 }, { type: "tanh" },
        { type: "linear", out: 4000 }, vocab];
    await useConfig(page, { ...mlp, model: { context: 3, layers }, train: { steps: 100, batch_size: 5000 } });
    await waitsFor(page, "status", /parameters/u);
    await page.click("#train");
    await page.waitForTimeout(300);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    assert.equal(await says(page, "step"), "0");
    await useConfig(page, mlp);
    await page.click("#reset");
    await waitsFor(page, "status", /parameters/u);
}

async function divergingRate(page) {
    await isReady(page);
    const layers = mlp.model.layers.map((layer) => (layer.type === "tanh" ? { type: "relu" } : layer));
    await useConfig(page, { ...mlp, model: { context: 3, layers }, train: { ...mlp.train, lr: 1e30 } });
    await waitsFor(page, "status", /parameters/u);
    await page.click("#train");
    await waitsFor(page, "trouble", /not finite.*lower train\.lr/u);
    await waitsFor(page, "status", /^Stopped/u);
    await useConfig(page, mlp);
    await page.click("#reset");
    await waitsFor(page, "status", /parameters/u);
    assert.equal(await says(page, "trouble"), "");
}

async function closedTab(page) {
    await isReady(page);
    await page.click("#train");
    await waitsFor(page, "step", /^[1-9]/u);
    const model = await saves(page, "save-model");
    page.removeAllListeners("dialog");
    const asked = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), "beforeunload");
    await dialog.accept();
    writeFileSync(`${directory}/closed.safetensors`, model);
    assert.match(execFileSync(nomen, ["info", `${directory}/closed.safetensors`], { encoding: "utf8" }), /11897/u);
}

async function otherNames(page) {
    await isReady(page);
    const model = await saves(page, "save-model");
    writeFileSync(`${directory}/ours.safetensors`, model);
    await set(page, "names", "anna\nbob\ncarl\ndora\nemil\nfritz\ngerd\nhans\nida\njo\n");
    await page.setInputFiles("#model-file", `${directory}/ours.safetensors`);
    await waitsFor(page, "files-say", /vocabulary differs/u);
    model[model.length - 1] ^= 1;
    writeFileSync(`${directory}/altered.safetensors`, model);
    await page.setInputFiles("#model-file", `${directory}/altered.safetensors`);
    await waitsFor(page, "files-say", /altered|sum/iu);
    assert.match(await says(page, "status"), /Train starts from step 0/u); // the model before is still there
    assert.equal(await page.isDisabled("#save-model"), false);
}

// Early stopping has ended the program's run, so there is nothing left to train.
async function finishedModel(page) {
    await isReady(page);
    trained("ended", { ...CASES.ended_early, data: { ...CASES.ended_early.data, path: "names.txt" } }, OURS);
    await page.setInputFiles("#model-file", `${directory}/ended/model.safetensors`);
    await waitsFor(page, "files-say", /open, after/u);
    await waitsFor(page, "status", /^Finished after \d+ steps/u);
    assert.ok(await page.isDisabled("#train"));
}

async function counts(page) {
    await isReady(page);
    await page.selectOption("#choice", "bigram-counts");
    await waitsFor(page, "status", /Counts/u);
    await page.click("#train");
    await waitsFor(page, "train-loss", /^2\.4/u);
    assert.equal(await says(page, "status"), "Counted.");
    assert.ok(await page.isDisabled("#train"));
    assert.equal(await says(page, "speed"), "This page has not trained yet.");
    assert.equal((await column(page, 2)).length, NAMES);
}

async function everyConfigOpens(page) {
    await isReady(page);
    for (const name of await page.$$eval("#choice option:not([hidden])", (all) => all.map((option) => option.value))) {
        await page.selectOption("#choice", name);
        await waitsFor(page, "status", /parameters|Counts/u);
        assert.equal(await says(page, "config-says"), "", name);
    }
}

async function keyboard(page) {
    await isReady(page);
    const reached = [];
    for (let i = 0; i < 40 && reached.at(-1) !== "model-file"; i++) {
        await page.keyboard.press("Tab");
        const { id, outline } = await page.evaluate(() => {
            const focus = document.activeElement;
            const shown = focus.type === "file" ? focus.previousElementSibling : focus;
            return { id: focus.id, outline: getComputedStyle(shown).outlineStyle };
        });
        if (id === "") continue;
        reached.push(id);
        assert.notEqual(outline, "none", `${id} shows no focus`);
        if (id === "train") await page.keyboard.press("Enter");
        if (id === "reset") await waitsFor(page, "step", /^[1-9]/u);
    }
    assert.deepEqual(reached, ["names", "names-file", "shipped", "choice", "config", "train", "reset", "prefix", "temperature", "save-model",
        "save-config", "save-losses", "model-file"]);
}

async function accessible(page, scheme, config) {
    await isReady(page);
    await page.selectOption("#choice", config);
    await waitsFor(page, "status", /parameters/u);
    await page.click("#train");
    await waitsFor(page, "step", /^[1-9]/u);
    await page.click("#train");
    await set(page, "prefix", "ann");
    await waitsFor(page, "prefix-says", /ann/u);
    await harness.isAccessible(page, scheme);
}

async function fitsPhone(page) {
    await isReady(page);
    for (const config of ["mlp", "transformer"]) {
        await page.selectOption("#choice", config);
        await page.click("#reset");
        await waitsFor(page, "status", /parameters/u);
        await page.click("#train");
        await waitsFor(page, "rate", /^[1-9]/u);
        await page.click("#train");
        await page.$$eval("details", (all) => all.forEach((details) => (details.open = true)));
        assert.deepEqual(await sticksOut(page), { width: 0, out: [] });
    }
    await useConfig(page, { ...mlp, train: { steps: 1, optimizer: { type: "averyveryveryveryveryveryveryveryverylongword" } } });
    await page.click("#reset");
    await waitsFor(page, "config-says", /optimizer/u);
    assert.deepEqual(await sticksOut(page), { width: 0, out: [] });
}

for (const name of Object.keys(CASES))
    for (const module of MODULES) await test(`the bits of the program: ${name} in ${module}`, {}, (page) => sameBits(page, name, module));
await test("the lecture's MLP has the program's bits, and goes to the program and back", {}, lecture);
if (existsSync(LECTURE)) await test("microgpt has the original's losses and names", {}, microgpt);
else console.log("skipped: microgpt's losses and names (the lectures' names are missing; make lecture-data)");
await test("trains, pauses, goes on, starts again", {}, pauses);
await test("the probabilities of nomen next", {}, looks);
await test("errors are shown at the place", {}, errorsAtThePlace);
await test("a trained model stays until Train or Reset", {}, keepsWhatIsTrained);
await test("names stay text", {}, namesStayText);
await test("a config that needs too much memory", {}, hugeConfig);
await test("a config whose steps take long", {}, slowConfig);
await test("a rate that diverges", {}, divergingRate);
await test("a tab that is closed while it trains", {}, closedTab);
await test("a model of other names, an altered model", {}, otherNames);
await test("a model whose training has finished", {}, finishedModel);
await test("counts", {}, counts);
await test("every shipped config opens", {}, everyConfigOpens);
await test("keyboard alone", {}, keyboard);
for (const colorScheme of ["light", "dark"])
    for (const config of ["mlp", "transformer"])
        await test(`accessible, ${colorScheme}, ${config}`, { colorScheme, reducedMotion: "reduce" }, (page) => accessible(page, colorScheme, config));
await test("fits 360 pixels", { viewport: { width: 360, height: 740 } }, fitsPhone);
await test("is one file of less than 1.5 MB", {}, async (page) => {
    await isReady(page);
    assert.ok(statSync(`${web}/index.html`).size < 1.5e6);
    assert.ok(!/(?:src|href)\s*=\s*["']?\s*(?:https?:)?\/\//iu.test(readFileSync(`${web}/index.html`, "utf8")));
});
await test("without JavaScript it says so", { javaScriptEnabled: false }, async (page) => {
    assert.ok(await page.isVisible("#no-page"));
});

await harness.relaunch(["--js-flags=--no-enable-fma3"]);
await test("a browser without a fused multiply-add", {}, withoutFused);

await harness.finish();
