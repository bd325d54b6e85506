// The report page's controls.

const TWENTY = 20;

class Live {
    constructor(model) {
        this.model = model;
        this.bars = new Bars(byId("next"), model.labels);
        const n = model.symbols.length;
        byId("top-k").max = n;
        byId("top-k").value = n;
        byId("prefix").maxLength = model.longest - 1;
        byId("attention").hidden = model.attention.length === 0;
        for (const id of ["prefix", "temperature", "top-k"]) byId(id).addEventListener("input", () => this.show());
        byId("more").addEventListener("click", () => this.makeNames());
        byId("draw").addEventListener("click", () => this.drawOne());
        byId("live").hidden = false;
        this.show();
    }

    get temperature() {
        return Number(byId("temperature").value);
    }

    get topK() {
        return Number(byId("top-k").value);
    }

    // Shows the settings and the distribution. `said` comes before the sentence about it.
    show(said = "") {
        const prefix = byId("prefix").value;
        const n = this.model.symbols.length;
        byId("temperature-value").textContent = this.temperature.toFixed(1);
        byId("top-k-value").textContent = this.topK === n ? `all ${n}` : this.topK;
        byId("top-k").setAttribute("aria-valuetext", byId("top-k-value").textContent);
        const { ids, unknown } = this.model.encode(prefix);
        const p = unknown === undefined ? this.model.next(ids, this.temperature, this.topK) : null;
        const works = p !== null && !Number.isNaN(p[0]);
        byId("prefix").setAttribute("aria-invalid", String(unknown !== undefined));
        byId("more").disabled = byId("draw").disabled = !works;
        this.ids = ids;
        this.probabilities = works ? p : null;
        this.say(prefix, unknown, said);
        const shown = this.bars.show(works ? p : new Float64Array(n));
        byId("rest").textContent = shown < n ? `The ${shown} most likely of ${n} symbols.` : "";
        byId("maps").replaceChildren(...(works ? this.model.attention.map((layer) => this.makeMaps(layer)) : []));
    }

    say(prefix, unknown, said) {
        const line = byId("expects");
        if (unknown !== undefined) {
            line.replaceChildren("The model does not know ", nameElement(quoted(unknown)), ": no name it learned from contains it.");
        } else if (this.probabilities === null) {
            line.replaceChildren("The model never saw these characters and, without smoothing, expects nothing.");
        } else {
            const top = this.probabilities.indexOf(Math.max(...this.probabilities));
            const label = top === 0 ? "the end of the name" : quoted(this.model.labels[top]);
            const after = prefix === "" ? ["At the beginning"] : ["After ", nameElement(quoted(prefix))];
            line.replaceChildren(said, ...after, " it expects ", nameElement(label), ` most, at ${percent(this.probabilities[top])}.`);
        }
    }

    // Returns the maps of an attention layer, one for each head, from the pass before.
    makeMaps(layer) {
        const symbols = this.model.read(this.ids).map((id) => (id === 0 ? "." : this.model.labels[id]));
        const title = `Layer ${layer.place.replaceAll("layers.", "")}`;
        const part = element("div");
        part.append(element("h4", title), headMaps(title, layer.shares, symbols));
        return part;
    }

    makeNames() {
        const names = Array.from({ length: TWENTY }, () => this.model.sample(this.ids, this.temperature, this.topK));
        const items = names.map((name) => {
            const item = element("li");
            if (name === null) item.append("(no distribution)");
            else item.append(nameElement(name.text + (name.end ? "" : "\u2026")), " ", element("small", name.nll.toFixed(2)));
            return item;
        });
        byId("made").replaceChildren(...items);
        byId("made-help").hidden = false;
    }

    drawOne() {
        if (this.ids.length + 1 >= this.model.longest) {
            this.show(`A name here has at most ${this.model.longest - 1} characters: nothing was drawn. `);
            return;
        }
        const id = this.model.draw(this.probabilities);
        if (id !== 0) byId("prefix").value += this.model.symbols[id];
        this.show(id === 0 ? "Drew the end: the name is complete. " : `Drew ${quoted(this.model.labels[id])}. `);
    }
}

// Softmax in float32, step by step as nomen softmax does it.
function softmaxRows(logits, temperature) {
    const scaled = logits.map((x) => Math.fround(Math.fround(x) / Math.fround(temperature)));
    const powers = scaled.map((x) => Math.fround(Math.exp(x)));
    const sum = powers.reduce((a, b) => Math.fround(a + b), 0);
    const max = Math.max(...scaled);
    const stable = softmax(logits, temperature);
    const logSum = Math.log(scaled.reduce((a, x) => a + Math.exp(x - max), 0));
    return {
        sum,
        powers,
        rows: logits.map((x, i) => [x, Math.fround(powers[i] / sum), stable[i], scaled[i] - max - logSum]),
    };
}

function softmaxReason({ sum, powers }) {
    if (powers.some((power) => power === Infinity))
        return "Naive: e to a power above 88.7 is infinite in 32 bits, and infinity divided by infinity is not a number (NaN).";
    if (sum === Infinity) return "Naive: the sum is infinite in 32 bits, so every share of it is 0.";
    if (sum === 0) return "Naive: every power is 0 in 32 bits, and 0 divided by 0 is not a number (NaN).";
    if (sum < 1e-37) return "Naive: the powers are so small that 32 bits keep only a few digits.";
    return "Both agree here. Try 1000, 1001, 1002.";
}

function showSoftmax() {
    const input = byId("logits");
    const temperature = Number(byId("logit-temperature").value);
    const words = input.value.split(/[\s,;]+/u).filter((word) => word !== "");
    const wrong = words.find((word) => !Number.isFinite(Number(word)) || !Number.isFinite(Math.fround(Number(word))));
    byId("logit-temperature-value").textContent = temperature.toFixed(1);
    input.setAttribute("aria-invalid", String(wrong !== undefined || words.length === 0));
    if (wrong !== undefined || words.length === 0) {
        byId("softmax-says").replaceChildren("Expected numbers separated by commas", ...(wrong ? [", found ", nameElement(wrong)] : []), ".");
        byId("softmax-rows").replaceChildren();
        return;
    }
    const result = softmaxRows(words.map(Number), temperature);
    const rows = result.rows.map(([x, ...values]) => {
        const row = element("tr");
        row.append(element("td", String(x)), ...values.map((value) => element("td", Number.isNaN(value) ? "NaN" : value.toFixed(4))));
        row.children[1].classList.toggle("broken", Number.isNaN(values[0]));
        return row;
    });
    byId("softmax-rows").replaceChildren(...rows);
    byId("softmax-says").textContent = softmaxReason(result);
}

for (const id of ["logits", "logit-temperature"]) byId(id).addEventListener("input", showSoftmax);
for (const button of document.querySelectorAll("[data-logits]")) {
    button.addEventListener("click", () => {
        byId("logits").value = button.dataset.logits;
        showSoftmax();
    });
}
showSoftmax();
byId("no-softmax").hidden = true;

const modelData = JSON.parse(byId("model").textContent);
if (modelData.missing) {
    byId("no-model").textContent = modelData.missing;
} else {
    new Live(new Model(modelData));
    byId("no-model").hidden = true;
}
