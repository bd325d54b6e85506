// The model: the sums of nomen, in double. Nothing here touches the document.
"use strict";

function bytesOf(base64) {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer;
}

// x W + b of one row, with W (in, out) row-major; b may be missing.
function affine(x, weight, bias) {
    const n = weight.length / x.length;
    const y = bias ? bias.slice() : new Float64Array(n);
    for (let k = 0; k < x.length; k++) for (let j = 0; j < n; j++) y[j] += x[k] * weight[k * n + j];
    return y;
}

// Part i of a row of equal parts of n floats.
const part = (row, i, n) => row.subarray(i * n, (i + 1) * n);

function join(rows) {
    const joined = new Float64Array(rows.reduce((n, row) => n + row.length, 0));
    let n = 0;
    for (const row of rows) {
        joined.set(row, n);
        n += row.length;
    }
    return joined;
}

const add = (a, b) => a.map((value, i) => value + b[i]);
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const average = (row) => row.reduce((sum, value) => sum + value, 0) / row.length;
const sigmoid = (value) => 1 / (1 + Math.exp(-value));
const gelu = (value) => 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value * value * value)));
const each = (f) => (layer, x) => x.map((row) => row.map((value) => f(value)));

// The hidden states of a recurrent layer: step gives the next one from a row and the one before.
function states(x, start, step) {
    let h = start;
    return x.map((row) => (h = step(row, h)));
}

// Returns what each position t has for the positions up to t, (t, i), from queries and keys of one head.
function attend(queries, keys) {
    const scale = 1 / Math.sqrt(keys[0].length);
    return queries.map((query, t) => softmax(keys.slice(0, t + 1).map((key) => scale * dot(query, key)), 1));
}

// The forward pass of each layer type, from rows to rows: a list with an array of floats for each position. The first
// layer has the rows [id]. A layer has the settings of its config, and its tensors by name.
const LAYERS = {
    embedding: (layer, x) => x.map(([id]) => part(layer.weight, id, layer.weight.length / layer.vocab)),
    position: (layer, x) => x.map((row, t) => add(row, part(layer.weight, t, row.length))),
    flatten(layer, x) {
        const n = layer.n ?? x.length;
        return Array.from({ length: x.length / n }, (_, i) => join(x.slice(i * n, (i + 1) * n)));
    },
    linear: (layer, x) => x.map((row) => affine(row, layer.weight, layer.bias)),
    batchnorm(layer, x) {
        const variance = (c) => layer.running_variance?.[c] ?? layer.running_deviation[c] ** 2;
        const normal = (value, c) => (value - layer.running_mean[c]) / Math.sqrt(variance(c) + layer.eps);
        return x.map((row) => row.map((value, c) => layer.gain[c] * normal(value, c) + layer.bias[c]));
    },
    layernorm(layer, x) {
        return x.map((row) => {
            const mean = average(row);
            const scale = 1 / Math.sqrt(average(row.map((value) => (value - mean) ** 2)) + layer.eps);
            return row.map((value, c) => layer.gain[c] * (value - mean) * scale + (layer.bias ? layer.bias[c] : 0));
        });
    },
    rmsnorm(layer, x) {
        return x.map((row) => {
            const scale = 1 / Math.sqrt(average(row.map((value) => value ** 2)) + layer.eps);
            return row.map((value, c) => (layer.gain ? layer.gain[c] : 1) * value * scale);
        });
    },
    tanh: each(Math.tanh),
    sigmoid: each(sigmoid),
    relu: each((value) => Math.max(value, 0)),
    gelu: each(gelu),
    dropout: (layer, x) => x,
    residual(layer, x) {
        const y = forward(layer.layers, x);
        return x.map((row, t) => add(row, y[t]));
    },
    causal_mean: (layer, x) => states(x, new Float64Array(x[0].length), add).map((sum, t) => sum.map((value) => value / (t + 1))),
    window(layer, x) {
        const offsets = Array.from({ length: layer.n }, (_, k) => (layer.order === "newest" ? k : layer.n - 1 - k));
        return x.map((_, t) => join(offsets.map((offset) => x[t - offset] ?? layer.blank)));
    },
    attention(layer, x) {
        const c = x[0].length;
        const product = (name, bias) => x.map((row) => affine(row, layer[name], layer[bias]));
        const all = layer.fused ? product("weight", "bias") : null;
        const [q, k, v] = ["query", "key", "value"].map((name, i) =>
            all ? all.map((row) => part(row, i, c)) : product(name, `${name}_bias`));
        const head = (rows, h) => rows.map((row) => part(row, h, c / layer.heads));
        layer.shares = Array.from({ length: layer.heads }, (_, h) => attend(head(q, h), head(k, h))); // for the page
        return x.map((_, t) => join(layer.shares.map((shares, h) => affine(shares[t], join(head(v.slice(0, t + 1), h))))));
    },
    rnn: (layer, x) => states(x, layer.start, (row, h) => affine(join([row, h]), layer.weight, layer.bias).map(Math.tanh)),
    gru(layer, x) {
        const gate = (name, row, h) => affine(join([row, h]), layer[name], layer[`${name}_bias`]);
        return states(x, layer.start, (row, h) => {
            const z = gate("update", row, h).map(sigmoid);
            const r = gate("reset", row, h).map(sigmoid);
            const candidate = gate("candidate", row, r.map((share, j) => share * h[j])).map(Math.tanh);
            return candidate.map((value, j) => h[j] + z[j] * (value - h[j]));
        });
    },
    lstm(layer, x) {
        const n = layer.out;
        let cell = new Float64Array(n);
        return states(x, cell, (row, h) => {
            const sums = add(affine(row, layer.weight_ih, layer.bias_ih), affine(h, layer.weight_hh, layer.bias_hh));
            const [i, f, g, o] = [sigmoid, sigmoid, Math.tanh, sigmoid].map((of, gate) => part(sums, gate, n).map((sum) => of(sum)));
            cell = cell.map((value, j) => f[j] * value + i[j] * g[j]);
            return cell.map((value, j) => o[j] * Math.tanh(value));
        });
    },
};

const forward = (layers, x) => layers.reduce((rows, layer) => LAYERS[layer.type](layer, rows), x);

// Returns the layers of a list, with their tensors, whose names begin with `place`.
function readLayers(configs, model, place) {
    return configs.map((config, i) => {
        const layer = { ...config, place: `${place}.${i}`, vocab: model.symbols.length };
        const own = `${layer.place}.`;
        if (!LAYERS[layer.type]) throw new Error(`this page has no layer "${layer.type}"`);
        for (const [name, base64] of Object.entries(model.tensors)) {
            const key = name.slice(own.length);
            if (name.startsWith(own) && !key.includes(".")) layer[key] = Float64Array.from(new Float32Array(bytesOf(base64)));
        }
        if (config.layers) layer.layers = readLayers(config.layers, model, `${own}layers`);
        return layer;
    });
}

// Returns the layers in the order of a pass, those that hold layers after them.
const flatLayers = (layers) => layers.flatMap((layer) => [...flatLayers(layer.layers ?? []), layer]);

// Returns the function of counts: log((c + s) / (c(h) + s V)), or -Infinity throughout if s is 0 and the context h never
// occurred.
function countLogits(model) {
    const contexts = new Uint16Array(bytesOf(model.contexts));
    const first = new Uint32Array(bytesOf(model.first));
    const targets = new Uint16Array(bytesOf(model.targets));
    const counts = new Uint32Array(bytesOf(model.counts));
    const smoothing = model.config.model.smoothing;
    const width = model.context;
    const rows = new Map();
    for (let row = 0; row + 1 < first.length; row++) rows.set(contexts.subarray(row * width, (row + 1) * width).join(), row);
    return (context) => {
        const row = rows.get(context.join());
        const logits = new Float64Array(model.symbols.length).fill(smoothing);
        if (row !== undefined) for (let k = first[row]; k < first[row + 1]; k++) logits[targets[k]] += counts[k];
        const total = logits.reduce((sum, count) => sum + count, 0);
        return logits.map((count) => (total > 0 ? Math.log(count / total) : -Infinity));
    };
}

// p_i = e^((x_i - max) / T) / sum of the same; NaN throughout if every logit is -Infinity.
function softmax(logits, temperature) {
    const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = Float64Array.from(logits, (x) => Math.exp((x - max) / temperature));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
}

// Replaces all but the k largest logits by -Infinity. Of equal logits the smaller id stays.
function keepTop(logits, k) {
    if (k >= logits.length) return logits;
    const ranked = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
    const kept = Float64Array.from(logits);
    for (const id of ranked.slice(k)) kept[id] = -Infinity;
    return kept;
}

class Model {
    constructor(json) {
        const layers = readLayers(json.config.model.layers ?? [], json, "layers");
        this.symbols = json.symbols;
        this.labels = json.symbols.map((symbol, id) => json.labels[id] ?? symbol);
        this.context = json.context;
        this.readsNames = json.reads_names;
        this.longest = json.longest;
        this.logits = layers.length > 0 ? (ids) => forward(layers, ids.map((id) => [id])).at(-1) : countLogits(json);
        this.attention = flatLayers(layers).filter((layer) => layer.type === "attention");
        this.ids = new Map(json.symbols.map((symbol, id) => [symbol, id]));
    }

    // Returns the ids of a text or, if a character has none, that character as `unknown`.
    encode(text) {
        const symbols = Array.from(text);
        const unknown = symbols.find((symbol) => !this.ids.has(symbol));
        return { unknown, ids: unknown === undefined ? symbols.map((symbol) => this.ids.get(symbol)) : [] };
    }

    // Returns the ids that the model reads to predict what follows these: the last ones, behind a boundary if it reads
    // names, otherwise padded with boundaries in front.
    read(ids) {
        const seen = this.context > 0 ? ids.slice(-this.context) : [];
        return [...new Array(this.readsNames ? 1 : this.context - seen.length).fill(0), ...seen];
    }

    // Returns the probabilities of what follows the ids, by id; NaN throughout if the model gives no distribution.
    next(ids, temperature, k) {
        return softmax(keepTop(this.logits(this.read(ids)), k), temperature);
    }

    // Draws an id.
    draw(probabilities) {
        let left = Math.random();
        let last = 0; // if rounding leaves a rest
        for (let id = 0; id < probabilities.length; id++) {
            if (!(probabilities[id] > 0)) continue;
            last = id;
            left -= probabilities[id];
            if (left < 0) break;
        }
        return last;
    }

    // Returns the ids of a name without its end and without white space around it, as nomen sample prints it.
    trim(ids) {
        const isText = (id) => this.symbols[id].trim() !== "";
        return ids.slice(ids.findIndex(isText), ids.findLastIndex(isText) + 1);
    }

    // Returns the mean of -log p over the ids, at temperature 1.
    score(ids) {
        const losses = ids.map((id, i) => -Math.log(softmax(this.logits(this.read(ids.slice(0, i))), 1)[id]));
        return losses.reduce((a, b) => a + b, 0) / ids.length;
    }

    // Draws a name that begins with the ids: {text, nll, end}. nll is the score of the name and its end, as far as the model
    // reads it. `end` is false if the name was cut. Returns null if the model gives no distribution.
    sample(prefix, temperature, k) {
        const ids = [...prefix];
        while (ids.at(-1) !== 0 && ids.length < this.longest) {
            const p = this.next(ids, temperature, k);
            if (Number.isNaN(p[0])) return null;
            ids.push(this.draw(p));
        }
        const name = this.trim(ids);
        const scored = [...name, 0].slice(0, this.readsNames ? this.longest : undefined);
        return { text: name.map((id) => this.symbols[id]).join(""), nll: this.score(scored), end: ids.at(-1) === 0 };
    }
}
