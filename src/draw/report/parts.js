// What pages are made of. Whatever comes from a model enters a page as text, never as markup.

const byId = (id) => document.getElementById(id);
const MOST_BARS = 40;
const FEWER_BARS = 30; // the most likely symbols of a larger vocabulary
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

// The maps of an attention layer's heads. `shares` has each head's rows, `symbols` what each position reads.
function headMaps(title, shares, symbols) {
    const group = element("div", undefined, "heads");
    for (const [h, rows] of shares.entries()) {
        const newest = rows.at(-1);
        const ranked = Array.from(newest.keys()).sort((a, b) => newest[b] - newest[a] || a - b);
        const named = ranked.slice(0, MOST_NAMED).map((i) => `${symbols[i]} ${percent(newest[i])}`);
        const head = element("div");
        const caption = element("p", `Head ${h + 1}: `, "quiet");
        const label = `${title}, head ${h + 1}, newest position: ${named.join(", ")}`;
        caption.append(element("bdi", symbols[ranked[0]]), ` ${percent(newest[ranked[0]])}`);
        head.append(attentionMap(rows, symbols, ranked[0], label), caption);
        group.append(head);
    }
    return group;
}

// The distribution of the next symbol as bars in a list. labels[0] is the end of a name.
class Bars {
    constructor(list, labels) {
        this.list = list;
        this.labels = labels;
        this.items = new Map(); // of ids
    }

    // Returns how many symbols it shows.
    show(p) {
        let shown = Array.from(p.keys());
        if (p.length > MOST_BARS) shown = shown.sort((a, b) => p[b] - p[a] || a - b).slice(0, FEWER_BARS);
        const isSame = shown.length === this.items.size && [...this.items.keys()].every((id, i) => id === shown[i]);
        if (!isSame) {
            this.items = new Map(shown.map((id) => [id, this.makeBar(id)]));
            this.list.replaceChildren(...this.items.values());
        }
        for (const [id, item] of this.items) {
            const [, bar, value] = item.children;
            bar.firstChild.style.width = `${100 * p[id]}%`;
            value.value = p[id];
            value.textContent = percent(p[id]);
            item.classList.toggle("none", p[id] === 0);
        }
        return shown.length;
    }

    makeBar(id) {
        const item = element("li");
        const bar = element("span", undefined, "bar");
        const label = element("bdi", id === 0 ? "end" : this.labels[id], "symbol");
        bar.setAttribute("aria-hidden", "true");
        bar.append(element("span"));
        item.append(label, bar, element("data"));
        return item;
    }
}
