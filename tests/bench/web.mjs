// Measures the steps per second of the page's two modules in headless Chromium beside the program with AVX2 on one core, in
// turn. Usage: tests/bench/web.mjs BUILD RUNS.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { launch } from "../browser/harness.mjs";

const [build, runs] = [process.argv[2], Number(process.argv[3])];
const STEPS = { mlp: 4000, microgpt: 4000 };
const NAMES = readFileSync("data/names.txt", "utf8");
const harness = await launch(`${process.cwd()}/${build}/browser`);
const page = await harness.open("about:blank");
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function longer(name) {
    const config = JSON.parse(readFileSync(`configs/${name}.json`, "utf8"));
    return JSON.stringify({ ...config, train: { ...config.train, steps: 100000, eval_every: 1000000 } });
}

// The time between two rows of the metrics, so that start and evaluation do not count.
function program(name, steps) {
    const run = `${build}/bench/web-run`;
    const settings = [`train.log_every=${steps}`, "train.eval_every=1000000"].flatMap((setting) => ["--set", setting]);
    execFileSync(`${build}/nomen`, ["train", name, "--data", "data/names.txt", "--run", run, "--force", "--quiet", "--threads", "1",
        "--steps", 3 * steps, ...settings], { env: { ...process.env, NOMEN_ISA: "avx2" } });
    const rows = readFileSync(`${run}/metrics.csv`, "utf8").split("\n").map((line) => line.split(","));
    const seconds = (step) => Number(rows.find((row) => row[0] === String(step))[5]);
    return steps / (seconds(2 * steps) - seconds(steps));
}

const module = (name, kind, steps) =>
    page.evaluate(async ([source, wasm, text, names, n]) => {
        const Program = new Function(`${source}; return Nomen;`)();
        const bytes = Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0));
        const nomen = new Program(await WebAssembly.compile(bytes));
        nomen.putFile("names.txt", new TextEncoder().encode(names));
        nomen.open(text, "bench.json");
        nomen.train(Math.ceil(n / 4), n); // the engine compiles what is slow
        const begin = performance.now();
        const from = nomen.train(1, n).step;
        const { step } = nomen.train(n, n);
        return (1000 * (step - from + 1)) / (performance.now() - begin);
    }, [readFileSync("src/web/nomen.js", "utf8"), readFileSync(`${build}/web/${kind}.wasm`).toString("base64"),
        longer(name), NAMES, steps]);

for (const [name, steps] of Object.entries(STEPS)) {
    const rates = { program: [], relaxed: [], exact: [] };
    for (let i = 0; i < runs; i++) {
        rates.program.push(program(name, 10 * steps));
        rates.relaxed.push(await module(name, "relaxed", steps));
        rates.exact.push(await module(name, "exact", steps / 10));
    }
    const all = Object.fromEntries(Object.entries(rates).map(([what, values]) => [what, median(values)]));
    console.log(`${name}: program ${all.program.toFixed(0)} steps per second, relaxed ${all.relaxed.toFixed(0)} ` +
        `(${(all.relaxed / all.program).toFixed(3)}), exact ${all.exact.toFixed(0)} (${(all.exact / all.program).toFixed(3)})`);
}
await page.context().browser().close();
