// The page's controls. Whatever comes from the model enters the page as text, never as markup.

const byId = (id) => document.getElementById(id);
const MOST_BARS = 40;
const FEWER_BARS = 30; // the most likely symbols of a larger vocabulary
const TWENTY = 20;
const CELL = 16; // of an attention map, in its own units
const FEWEST_CELLS = 8; // in the width of a map
const MOST_NAMED = 3; // positions in the text of a map

function element(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
}

const percent = (p) => `${(100 * p).toFixed(1)}\u202f%`;

// Returns an element that isolates the direction of a name's letters.
const nameElement = (text) => element("bdi", text === "" ? "(an empty name)" : text);

const quoted = (text) => `\u201c${text}\u201d`;

function shape(tag, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
}

// Returns a symbol in the middle of a cell of a map.
function letter(symbol, column, row) {
    const place = { x: CELL * (column + 0.5), y: CELL * (row + 0.75) };
    const squeezed = Array.from(symbol).length > 1 ? { textLength: CELL - 2, lengthAdjust: "spacingAndGlyphs" } : {};
    return shape("text", { ...place, ...squeezed }, symbol);
}

// Returns the picture of a head's shares: a row for each position, and in it a cell for each position up to there.
// `most` is the position whose letter is highlighted.
function attentionMap(shares, symbols, most, label) {
    const n = symbols.length;
    const side = CELL * Math.max(n + 1, FEWEST_CELLS);
    const svg = shape("svg", { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label });
    for (const [t, row] of shares.entries()) {
        const line = shape("g", t === n - 1 ? { class: "newest" } : {});
        const size = { y: CELL * t, height: CELL - 1 };
        line.append(letter(symbols[t], 0, t), shape("rect", { ...size, class: "track", x: CELL, width: CELL * (t + 1) - 1 }));
        row.forEach((p, i) => line.append(shape("rect", { ...size, x: CELL * (i + 1), width: CELL - 1, "fill-opacity": p.toFixed(3) })));
        svg.append(line);
    }
    const columns = symbols.map((symbol, i) => letter(symbol, i + 1, n));
    columns[most].classList.add("most");
    svg.append(...columns);
    return svg;
}

class Live {
    constructor(model) {
        this.model = model;
        this.bars = new Map(); // ids to their list items
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
        this.showBars(works ? p : new Float64Array(n));
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

    showBars(p) {
        const n = p.length;
        let shown = Array.from(p.keys());
        if (n > MOST_BARS) shown = shown.sort((a, b) => p[b] - p[a] || a - b).slice(0, FEWER_BARS);
        const isSame = shown.length === this.bars.size && [...this.bars.keys()].every((id, i) => id === shown[i]);
        if (!isSame) {
            this.bars = new Map(shown.map((id) => [id, this.makeBar(id)]));
            byId("next").replaceChildren(...this.bars.values());
        }
        for (const [id, item] of this.bars) {
            const [, bar, value] = item.children;
            bar.firstChild.style.width = `${100 * p[id]}%`;
            value.value = p[id];
            value.textContent = percent(p[id]);
            item.classList.toggle("none", p[id] === 0);
        }
        byId("rest").textContent = shown.length < n ? `The ${shown.length} most likely of ${n} symbols.` : "";
    }

    makeBar(id) {
        const item = element("li");
        const bar = element("span", undefined, "bar");
        const label = element("bdi", id === 0 ? "end" : this.model.labels[id], "symbol");
        bar.setAttribute("aria-hidden", "true");
        bar.append(element("span"));
        item.append(label, bar, element("data"));
        return item;
    }

    // Returns the maps of an attention layer, one for each head, from the pass before.
    makeMaps(layer) {
        const symbols = this.model.read(this.ids).map((id) => (id === 0 ? "." : this.model.labels[id]));
        const title = `Layer ${layer.place.replaceAll("layers.", "")}`;
        const group = element("div", undefined, "heads");
        for (const [h, shares] of layer.shares.entries()) {
            const newest = shares.at(-1);
            const ranked = Array.from(newest.keys()).sort((a, b) => newest[b] - newest[a] || a - b);
            const named = ranked.slice(0, MOST_NAMED).map((i) => `${symbols[i]} ${percent(newest[i])}`);
            const head = element("div");
            const caption = element("p", `Head ${h + 1}: `, "quiet");
            const label = `${title}, head ${h + 1}, newest position: ${named.join(", ")}`;
            caption.append(element("bdi", named[0]));
            head.append(attentionMap(shares, symbols, ranked[0], label), caption);
            group.append(head);
        }
        const part = element("div");
        part.append(element("h4", title), group);
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
