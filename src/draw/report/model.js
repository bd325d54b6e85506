// The model: the sums of nomen, in double. Nothing here touches the document.
"use strict";

function bytesOf(base64) {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer;
}

// The rows of x, {t, c, data}, as arrays.
const rowsOf = (x) => Array.from({ length: x.t }, (_, i) => Array.from(x.data.slice(i * x.c, (i + 1) * x.c)));

const average = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

// x W + b with W (x.length, c); b may be missing.
function affine(x, weight, bias, c) {
    const y = bias ? Float64Array.from(bias) : new Float64Array(c);
    x.forEach((value, k) => {
        for (let j = 0; j < c; j++) y[j] += value * weight[k * c + j];
    });
    return y;
}

// The states (t, c) of a recurrent layer: step gives the next one from a position's x and the one before.
function states(x, c, start, step) {
    const y = new Float64Array(x.t * c);
    let h = start;
    for (let i = 0; i < x.t; i++) {
        h = step(x.data.slice(i * x.c, (i + 1) * x.c), h);
        y.set(h, i * c);
    }
    return y;
}

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

// The forward pass of each layer type: from x, {t, c, data} with data (t, c) row-major, to the data of the output, whose
// shape is [t, c]. A layer has the settings of its config, and its tensors by name. Ids have c = 1.
const LAYERS = {
    embedding(layer, x, [t, c]) {
        const y = new Float64Array(t * c);
        for (let i = 0; i < t; i++) y.set(layer.weight.subarray(x.data[i] * c, (x.data[i] + 1) * c), i * c);
        return y;
    },
    flatten: (layer, x) => x.data, // neighbours are side by side already
    linear(layer, x, [t, c]) {
        const y = new Float64Array(t * c);
        for (let i = 0; i < t; i++) {
            for (let o = 0; o < c; o++) {
                let sum = layer.bias ? layer.bias[o] : 0;
                for (let k = 0; k < x.c; k++) sum += x.data[i * x.c + k] * layer.weight[k * c + o];
                y[i * c + o] = sum;
            }
        }
        return y;
    },
    batchnorm(layer, x) {
        const variance = (c) => layer.running_variance?.[c] ?? layer.running_deviation[c] ** 2;
        return x.data.map((value, i) => {
            const c = i % x.c;
            return (layer.gain[c] * (value - layer.running_mean[c])) / Math.sqrt(variance(c) + layer.eps) + layer.bias[c];
        });
    },
    tanh: (layer, x) => x.data.map(Math.tanh),
    layernorm: (layer, x) => rowsOf(x).flatMap((row) => {
        const mean = average(row);
        const scale = 1 / Math.sqrt(average(row.map((value) => (value - mean) ** 2)) + layer.eps);
        return row.map((value, c) => layer.gain[c] * (value - mean) * scale + (layer.bias?.[c] ?? 0));
    }),
    rmsnorm: (layer, x) => rowsOf(x).flatMap((row) => {
        const scale = 1 / Math.sqrt(average(row.map((value) => value ** 2)) + layer.eps);
        return row.map((value, c) => (layer.gain?.[c] ?? 1) * value * scale);
    }),
    dropout: (layer, x) => x.data,
    gelu: (layer, x) => x.data.map((u) => 0.5 * u * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (u + 0.044715 * u ** 3)))),
    sigmoid: (layer, x) => x.data.map(sigmoid),
    relu: (layer, x) => x.data.map((value) => Math.max(value, 0)),
    causal_mean(layer, x) {
        const sums = Float64Array.from(x.data);
        for (let i = x.c; i < sums.length; i++) sums[i] += sums[i - x.c];
        return sums.map((sum, i) => sum / (Math.floor(i / x.c) + 1));
    },
    position: (layer, x) => x.data.map((value, i) => value + layer.weight[i]),
    attention(layer, x) {
        const y = new Float64Array(x.t * x.c);
        const dim = x.c / layer.heads;
        const rows = rowsOf(x);
        const [queries, keys, values] = ["query", "key", "value"].map((name, k) => rows.map((row) => layer.weight
            ? affine(row, layer.weight, layer.bias, 3 * x.c).subarray(k * x.c, (k + 1) * x.c)
            : affine(row, layer[name], layer[`${name}_bias`], x.c)));
        for (let i = 0; i < x.t; i++) {
            for (let from = 0; from < x.c; from += dim) {
                const query = queries[i].subarray(from, from + dim);
                const scores = keys.slice(0, i + 1).map((key) => query.reduce((sum, q, j) => sum + q * key[from + j], 0));
                softmax(scores, Math.sqrt(dim)).forEach((share, at) => {
                    for (let j = from; j < from + dim; j++) y[i * x.c + j] += share * values[at][j];
                });
            }
        }
        return y;
    },
    window(layer, x, [, c]) {
        const y = new Float64Array(x.t * c);
        for (let i = 0; i < x.t; i++) {
            for (let k = 0; k < layer.n; k++) {
                const place = layer.order === "newest" ? k : layer.n - 1 - k;
                const from = k <= i ? x.data.slice((i - k) * x.c, (i - k + 1) * x.c) : layer.blank;
                y.set(from, i * c + place * x.c);
            }
        }
        return y;
    },
    rnn: (layer, x, [, c]) =>
        states(x, c, layer.start, (at, h) => affine([...at, ...h], layer.weight, layer.bias, c).map(Math.tanh)),
    gru(layer, x, [, c]) {
        const gate = (name, at, h) => affine([...at, ...h], layer[name], layer[`${name}_bias`], c);
        return states(x, c, layer.start, (at, h) => {
            const z = gate("update", at, h).map(sigmoid);
            const r = gate("reset", at, h).map(sigmoid);
            const candidate = gate("candidate", at, r.map((share, j) => share * h[j])).map(Math.tanh);
            return candidate.map((value, j) => h[j] + z[j] * (value - h[j]));
        });
    },
    lstm(layer, x, [, c]) {
        const zeros = new Float64Array(c);
        let cell = zeros;
        return states(x, c, zeros, (at, h) => {
            const ofX = affine(at, layer.weight_ih, layer.bias_ih, 4 * c);
            const sums = affine(h, layer.weight_hh, layer.bias_hh, 4 * c).map((sum, j) => sum + ofX[j]);
            const [i, f, g, o] = [0, 1, 2, 3].map((k) => sums.subarray(k * c, (k + 1) * c).map(k === 2 ? Math.tanh : sigmoid));
            cell = cell.map((value, j) => f[j] * value + i[j] * g[j]);
            return cell.map((value, j) => o[j] * Math.tanh(value));
        });
    },
};

// Returns the function from a context's ids to logits of a network.
function networkLogits(model) {
    const layers = model.config.model.layers.map((config, i) => {
        const layer = { ...config, out: model.out[i], weight: null, bias: null, gain: null };
        for (const [name, tensor] of Object.entries(model.tensors)) {
            const [, index, key] = name.split(".");
            if (Number(index) === i) layer[key] = new Float32Array(bytesOf(tensor.f32));
        }
        return layer;
    });
    const unknown = layers.find((layer) => !LAYERS[layer.type]);
    if (unknown) throw new Error(`this page has no layer "${unknown.type}"`);
    return (context) => {
        let x = { t: context.length, c: 1, data: context };
        for (const layer of layers) x = { t: layer.out[0], c: layer.out[1], data: LAYERS[layer.type](layer, x, layer.out) };
        return x.data;
    };
}

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
    const ranked = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
    const kept = Float64Array.from(logits);
    for (const id of ranked.slice(k)) kept[id] = -Infinity;
    return kept;
}

class Model {
    constructor(json) {
        this.symbols = json.symbols;
        this.labels = json.symbols.map((symbol, id) => json.labels[id] ?? symbol);
        this.context = json.context;
        this.logits = json.config.model.layers ? networkLogits(json) : countLogits(json);
        this.ids = new Map(json.symbols.map((symbol, id) => [symbol, id]));
    }

    // Returns the ids of a text or, if a character has none, that character as `unknown`.
    encode(text) {
        const symbols = Array.from(text);
        const unknown = symbols.find((symbol) => !this.ids.has(symbol));
        return { unknown, ids: unknown === undefined ? symbols.map((symbol) => this.ids.get(symbol)) : [] };
    }

    // Returns the probabilities of what follows the ids, by id; NaN throughout if the model gives no distribution.
    next(ids, temperature, k) {
        const seen = this.context > 0 ? ids.slice(-this.context) : [];
        const context = [...new Array(this.context - seen.length).fill(0), ...seen];
        const logits = this.logits(context);
        return softmax(k < logits.length ? keepTop(logits, k) : logits, temperature);
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

    // Draws a name that begins with the ids: {text, nll, end}. nll is the mean of -log p over the symbols and the end, at
    // temperature 1. `end` is false if the name was cut. Returns null if the model gives no distribution.
    sample(prefix, temperature, k, longest) {
        const ids = [...prefix];
        for (let id = -1; id !== 0 && ids.length < longest; ) {
            const p = this.next(ids, temperature, k);
            if (Number.isNaN(p[0])) return null;
            id = this.draw(p);
            if (id !== 0) ids.push(id);
            else return this.scored(ids, true);
        }
        return this.scored(ids, false);
    }

    scored(ids, end) {
        const all = [...ids, 0];
        const nll = all.reduce((sum, id, i) => sum - Math.log(this.next(all.slice(0, i), 1, Infinity)[id]), 0) / all.length;
        return { text: ids.map((id) => this.symbols[id]).join(""), nll, end };
    }
}
