// Measures the steps per second of the page's two modules in headless Chromium beside the program with AVX2 on one core, in
// turn. Usage: tests/bench/web.mjs BUILD RUNS.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { launch } from "../browser/harness.mjs";

const [build, runs] = [process.argv[2], Number(process.argv[3])];
const STEPS = { mlp: 4000, microgpt: 499 }; // from this step to twice as many; microgpt has 1,000
const ROUNDS = 10; // before the measured one, because the engine compiles what is slow
const NAMES = readFileSync("data/names.txt", "utf8");
const harness = await launch(`${process.cwd()}/${build}/browser`);
const page = await harness.open("about:blank");
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function settings(name, steps) {
    const config = JSON.parse(readFileSync(`configs/${name}.json`, "utf8"));
    const train = { ...config.train, steps: 2 * steps + 2, log_every: steps, eval_every: 1000000 };
    return JSON.stringify({ ...config, train });
}

// The time between two rows of the metrics, so that start and evaluation do not count.
function program(name, steps) {
    const run = `${build}/web/bench-run`;
    writeFileSync(`${run}.json`, settings(name, steps));
    execFileSync(`${build}/nomen`, ["train", `${run}.json`, "--data", "data/names.txt", "--run", run, "--force", "--quiet",
        "--threads", "1"], { env: { ...process.env, NOMEN_ISA: "avx2" } });
    const rows = readFileSync(`${run}/metrics.csv`, "utf8").split("\n").map((line) => line.split(","));
    const seconds = (step) => Number(rows.find((row) => row[0] === String(step))[5]);
    return steps / (seconds(2 * steps) - seconds(steps));
}

const module = (name, kind, steps) =>
    page.evaluate(async ([source, wasm, text, names, n, rounds]) => {
        const Program = new Function(`${source}; return Nomen;`)();
        const bytes = Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0));
        const nomen = new Program(await WebAssembly.compile(bytes));
        nomen.putFile("names.txt", new TextEncoder().encode(names));
        let rate;
        for (let i = 0; i <= rounds; i++) {
            nomen.open(text, "bench.json");
            nomen.train(n, n);
            const begin = performance.now();
            nomen.train(n, n);
            rate = (1000 * n) / (performance.now() - begin);
        }
        return rate;
    }, [readFileSync("src/web/nomen.js", "utf8"), readFileSync(`${build}/web/${kind}.wasm`).toString("base64"),
        settings(name, steps), NAMES, steps, kind === "exact" ? 0 : ROUNDS]);

for (const [name, steps] of Object.entries(STEPS)) {
    const rates = { program: [], relaxed: [], exact: [] };
    for (let i = 0; i < runs; i++) {
        rates.program.push(program(name, steps));
        rates.relaxed.push(await module(name, "relaxed", steps));
        rates.exact.push(await module(name, "exact", steps));
    }
    const all = Object.fromEntries(Object.entries(rates).map(([what, values]) => [what, median(values)]));
    console.log(`${name}: program ${all.program.toFixed(0)} steps per second, relaxed ${all.relaxed.toFixed(0)} ` +
        `(${(all.relaxed / all.program).toFixed(3)}), exact ${all.exact.toFixed(0)} (${(all.exact / all.program).toFixed(3)})`);
}
await page.context().browser().close();
