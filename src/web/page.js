// The page's controls. The worker trains; this shows what it sends.

const OWN_CONFIG = ""; // in the list of configs
const LARGE_BYTES = 1 << 20; // names that no text field can hold
const whole = (n) => n.toLocaleString("en");
const steps = (n) => `${whole(n)} ${n === 1 ? "step" : "steps"}`;
const loss = (x) => (x === null ? "\u2013" : x < 1e6 ? x.toFixed(4) : x.toExponential(3));

async function unpacked(id) {
    const packed = Uint8Array.from(atob(byId(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
}

// Returns the modules that this browser can compile.
async function compileModules() {
    const relaxed = await unpacked("relaxed");
    return {
        exact: await WebAssembly.compile(await unpacked("exact")),
        relaxed: WebAssembly.validate(relaxed) ? await WebAssembly.compile(relaxed) : null,
    };
}

function download(name, content) {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([content]));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

class Trainer {
    constructor(modules, shipped) {
        this.modules = modules;
        this.shipped = shipped;
        this.code = URL.createObjectURL(new Blob([byId("worker").textContent], { type: "text/javascript" }));
        this.curve = new Curve(byId("curve"));
        this.isDirty = true; // the model on the page is not that of the names and the config
        this.isRunning = false;
        this.model = null;
        this.fillSetup();
        this.listen();
        this.useShippedNames();
    }

    fillSetup() {
        const groups = new Map([["", byId("choice")]]);
        for (const name of Object.keys(this.shipped.configs)) {
            const [short, group = ""] = name.split("/").reverse();
            if (!groups.has(group)) groups.set(group, element("optgroup"));
            const option = element("option", short);
            option.value = name;
            groups.get(group).append(option);
        }
        groups.delete("");
        for (const [label, group] of groups) {
            group.label = label;
            byId("choice").append(group);
        }
        byId("choice").value = "mlp";
        byId("config").value = this.shipped.configs.mlp;
        this.configFile = "mlp.json";
    }

    listen() {
        const on = (id, event, call) => byId(id).addEventListener(event, call);
        on("train", "click", () => this.train());
        on("reset", "click", () => this.reset());
        on("shipped", "click", () => this.useShippedNames());
        on("choice", "change", () => this.useConfig(this.shipped.configs[byId("choice").value], `${byId("choice").value}.json`, byId("choice").value));
        on("config", "input", () => this.changed(OWN_CONFIG));
        on("config", "change", () => this.useChange());
        on("names", "input", () => this.setNames(new TextEncoder().encode(byId("names").value)));
        on("names", "change", () => this.useChange());
        on("names-file", "change", () => this.openInput(byId("names-file")));
        on("model-file", "change", () => this.openInput(byId("model-file")));
        for (const id of ["prefix", "temperature"]) on(id, "input", () => this.look());
        for (const what of ["model", "config"]) on(`save-${what}`, "click", () => this.send({ save: what }));
        on("save-losses", "click", () => download("losses.csv", this.csv()));
        document.addEventListener("dragover", (event) => event.preventDefault());
        document.addEventListener("drop", (event) => {
            event.preventDefault();
            this.openFiles(event.dataTransfer.files);
        });
        addEventListener("resize", () => this.curve.draw());
        addEventListener("beforeunload", (event) => this.isRunning && event.preventDefault()); // the browser asks
    }

    // Names, config and model file

    // `choice` is what the list of configs then shows.
    changed(choice = byId("choice").value) {
        this.isDirty = true;
        byId("choice").value = choice;
        byId("status").textContent = this.isRunning ? "Training. Reset uses what has changed." : "Changed. Train starts from step 0.";
        this.showButtons();
    }

    // Opens changed names or config at once, except that a model which has been trained stays until Train or Reset.
    useChange() {
        if (!this.isRunning && !(this.model && this.step > 0)) this.reset();
    }

    setNames(bytes) {
        this.names = bytes;
        this.sayNames("");
        this.changed();
    }

    sayNames(text, isWrong = false) {
        byId("names-say").textContent = text;
        byId("names-say").classList.toggle("wrong", isWrong);
        byId("names").setAttribute("aria-invalid", String(isWrong));
    }

    useNames(bytes, name) {
        const isLarge = bytes.length > LARGE_BYTES;
        byId("names").readOnly = isLarge;
        byId("names").value = isLarge ? "" : new TextDecoder().decode(bytes);
        byId("names").placeholder = isLarge ? `${name}: ${whole(bytes.length)} bytes, too many to show` : "";
        this.setNames(bytes);
        this.useChange();
    }

    useShippedNames() {
        this.useNames(new TextEncoder().encode(this.shipped.names), "");
    }

    useConfig(text, file, choice) {
        this.configFile = file;
        byId("config").value = text;
        this.changed(choice);
        this.useChange();
    }

    openInput(input) {
        this.openFiles(input.files);
        input.value = "";
    }

    // A model needs its names, so they come before it.
    async openFiles(files) {
        const rank = ({ name }) => (name.endsWith(".safetensors") ? 2 : name.endsWith(".json") ? 1 : 0);
        for (const file of Array.from(files).sort((a, b) => rank(a) - rank(b))) {
            const bytes = new Uint8Array(await file.arrayBuffer());
            if (rank(file) === 2) this.openModel(bytes, file.name);
            else if (rank(file) === 1) this.useConfig(new TextDecoder().decode(bytes), file.name, OWN_CONFIG);
            else this.useNames(bytes, file.name);
        }
    }

    openModel(bytes, name) {
        byId("files-say").textContent = `Opening ${name}\u2026`;
        const worker = this.makeWorker({ openModel: { bytes, names: this.names } });
        // The model on the page stays until the file has been read.
        worker.onmessage = ({ data }) => {
            if (data.trouble) {
                worker.terminate();
                byId("files-say").textContent = data.trouble;
            } else if (data.opened) {
                this.takeWorker(worker);
                this.receive(data);
            }
        };
    }

    // The worker

    send(message) {
        this.worker?.postMessage(message);
    }

    // A new worker for every model: whatever the one before is busy with ends, and its memory is given back.
    begin(message) {
        this.takeWorker(this.makeWorker(message));
    }

    makeWorker(message) {
        const worker = new Worker(this.code);
        worker.onerror = (event) => this.fail(event.message);
        for (const each of [{ modules: this.modules }, { look: this.wanted() }, message]) worker.postMessage(each);
        return worker;
    }

    takeWorker(worker) {
        this.worker?.terminate();
        this.worker = worker;
        worker.onmessage = ({ data }) => this.receive(data);
        Object.assign(this, { model: null, isRunning: false, isDirty: false, isFinished: false, step: 0, rows: [], measured: [], made: 0, ms: 0, recent: [] });
        byId("trouble").textContent = byId("config-says").textContent = byId("files-say").textContent = "";
        byId("config").setAttribute("aria-invalid", "false");
        byId("reset").disabled = false;
        byId("measured").replaceChildren();
        for (const id of ["rate", "loss", "train-loss", "dev-loss"]) byId(id).textContent = "\u2013";
        byId("step").textContent = "0";
        byId("status").textContent = "Opening\u2026";
        this.showButtons();
    }

    reset() {
        this.begin({ open: { config: byId("config").value, file: this.configFile, names: this.names } });
    }

    train() {
        if (this.isRunning) {
            this.send({ train: false });
            this.isRunning = false;
            byId("status").textContent = "Pausing after this step.";
        } else {
            if (this.isDirty || !this.model) this.reset();
            this.isRunning = true;
            this.send({ train: true });
            byId("status").textContent = "Training.";
        }
        this.showButtons();
    }

    showButtons() {
        const isDone = this.isFinished && !this.isDirty;
        byId("train").textContent = this.isRunning ? "Pause" : "Train";
        byId("train").disabled = isDone;
        for (const what of ["model", "config", "losses"]) byId(`save-${what}`).disabled = this.model === null;
    }

    wanted() {
        byId("temperature-value").textContent = Number(byId("temperature").value).toFixed(1);
        return { prefix: byId("prefix").value, temperature: Number(byId("temperature").value) };
    }

    look() {
        this.send({ look: this.wanted() });
    }

    receive(data) {
        if (data.ready) byId("kernels").textContent = this.kernelText(data.ready);
        if (data.opened) this.opened(data.opened);
        if (data.config) this.openedModel(data.config);
        if (data.piece) this.addPiece(data);
        if (data.measured) this.addMeasured(data.measured);
        if (data.shown) this.shown.show(data);
        if (data.paused) this.paused();
        if (data.finished) this.finish();
        if (data.saved) download(data.what === "config" ? "config.json" : "model.safetensors", data.saved);
        if (data.trouble) this.fail(data.trouble, data.during);
    }

    kernelText(kind) {
        return kind === "relaxed"
            ? "Multiply-adds are the processor's own, which round once here."
            : "Multiply-adds are made from 64-bit numbers, because this browser has none that round once.";
    }

    opened(model) {
        this.model = model;
        this.step = model.step;
        this.isFinished = !model.is_counts && model.step >= model.steps;
        const parts = ["train", "dev", "test"].map((part, i) => `${part} ${whole(model.examples[i])}`).join(", ");
        const table = model.seems_table ? " The file seems to be a table; each line is read as a name." : "";
        this.sayNames(`${whole(model.names)} names, ${model.symbols.length} symbols; ${parts} examples.${table}`);
        byId("step").textContent = whole(model.step);
        byId("status").textContent = model.is_counts
            ? "Counts need no steps: Train measures them."
            : `${model.name}: ${whole(model.parameters)} parameters, ${steps(model.steps)}. ${this.isRunning ? "Training." : ""}`;
        this.curve.clear(model.steps);
        this.shown = new Shown(model.symbols);
        this.showButtons();
    }

    // The model came from a file; its config, with every default, is now the page's.
    openedModel(config) {
        byId("config").value = config;
        byId("choice").value = OWN_CONFIG;
        byId("files-say").textContent = this.model.is_counts ? "The model is open." : `The model is open, after ${steps(this.step)}.`;
    }

    // What training sends

    addPiece({ piece, made, ms }) {
        this.step = piece.step;
        this.rows.push(...(piece.rows ?? []));
        this.made += made;
        this.ms += ms;
        this.recent.push([made, ms]);
        if (this.recent.length > 40) this.recent.shift();
        this.curve.points = this.rows.map(([step, , mean]) => [step, mean]);
        this.drawSoon();
    }

    addMeasured(measured) {
        this.measured.push(measured);
        this.curve.measured = this.measured;
        const row = element("tr");
        const first = element("th", whole(measured.step));
        first.scope = "row";
        row.append(first, element("td", loss(measured.train)), element("td", loss(measured.dev)));
        byId("measured").append(row);
        byId("train-loss").textContent = loss(measured.train);
        byId("dev-loss").textContent = loss(measured.dev);
        this.drawSoon();
    }

    drawSoon() {
        if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
    }

    draw() {
        this.frame = 0;
        if (!this.model) return;
        const [made, ms] = this.recent.reduce((sum, [n, t]) => [sum[0] + n, sum[1] + t], [0, 0]);
        byId("step").textContent = whole(this.step);
        if (made > 0) byId("rate").textContent = whole(Math.round((1000 * made) / ms));
        if (this.rows.length > 0) byId("loss").textContent = loss(this.rows.at(-1)[2]);
        if (this.made > 0)
            byId("speed").textContent = `This page made ${whole(Math.round((1000 * this.made) / this.ms))} steps per second of ${this.model.name}, on one core.`;
        this.curve.draw();
    }

    paused() {
        if (this.isRunning) return; // again
        byId("status").textContent = `Paused after ${steps(this.step)}.${this.isDirty ? " Names or config have changed: Train starts from step 0." : ""}`;
    }

    finish() {
        this.isRunning = false;
        this.isFinished = true;
        byId("status").textContent = this.model.is_counts ? "Counted." : `Finished after ${steps(this.step)}.`;
        this.showButtons();
    }

    csv() {
        const rows = this.rows.map(([step, value, mean]) => [step, value, "", "", mean]);
        const measured = this.measured.map(({ step, train, dev }) => [step, "", train ?? "", dev ?? "", ""]);
        const all = [...rows, ...measured].sort((a, b) => a[0] - b[0]);
        return `step,loss,train_loss,dev_loss,mean_loss\n${all.map((row) => row.join(",")).join("\n")}\n`;
    }

    // What goes wrong

    fail(message, during) {
        this.isRunning = false;
        if (during === "open" && !message.startsWith("names.txt")) this.failConfig(message.replace(`${this.configFile}: `, ""));
        else if (during === "open") this.sayNames(message, true);
        else byId("trouble").textContent = message;
        byId("status").textContent = this.model ? `Stopped after ${steps(this.step)}.` : "No model yet.";
        if (!this.model) {
            this.curve.clear(1);
            Shown.clear();
        }
        this.showButtons();
    }

    // Shows the error with the line that it is in, and selects its place.
    failConfig(message) {
        const text = byId("config").value;
        const place = placeOfError(text, message);
        const says = byId("config-says");
        byId("config").setAttribute("aria-invalid", "true");
        says.replaceChildren(message);
        if (!place) return;
        const [begin, end] = place;
        const lines = text.slice(0, begin).split("\n");
        const line = text.split("\n")[lines.length - 1];
        says.replaceChildren(`Line ${lines.length}: ${message.replace(/^line \d+, column \d+: /u, "")}`, element("code", line.trim().slice(0, 200)));
        byId("config").setSelectionRange(begin, end);
        byId("config").scrollTop = (lines.length - 3) * parseFloat(getComputedStyle(byId("config")).lineHeight);
    }
}

async function main() {
    try {
        const shipped = JSON.parse(new TextDecoder().decode(await unpacked("shipped-data")));
        new Trainer(await compileModules(), shipped);
        byId("no-page").hidden = true;
    } catch (error) {
        byId("no-page").textContent = `This browser cannot run the page: ${error.message}`;
    }
}
main();
