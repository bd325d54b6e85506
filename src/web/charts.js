// The loss curve and the embedding.

const MARGIN = { left: 44, right: 12, top: 12, bottom: 30 };
const MOST_POINTS = 400; // of the line
const CURVE_HEIGHT = 260;
const EMBEDDING_HEIGHT = 400;
const RADIUS = 12;
const SHOWN_SHARE = 0.98; // of the losses; the highest, of the first steps, would flatten the rest

// Returns round numbers between low and high, about n of them.
function ticks(low, high, n) {
    const rough = (high - low) / n;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
    const first = Math.ceil(low / step);
    return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// Returns at most MOST_POINTS points, each the mean of its neighbours.
function thinned(points) {
    const group = Math.ceil(points.length / MOST_POINTS);
    if (group <= 1) return points;
    const means = [];
    for (let i = 0; i < points.length; i += group) {
        const some = points.slice(i, i + group);
        means.push([some.at(-1)[0], some.reduce((sum, point) => sum + point[1], 0) / some.length]);
    }
    return means;
}

class Curve {
    constructor(svg) {
        this.svg = svg;
        this.clear(1);
    }

    clear(steps) {
        this.steps = Math.max(1, steps);
        this.points = []; // [step, mean loss]
        this.measured = []; // { step, train, dev }
        this.draw();
    }

    range() {
        const all = this.points.map((point) => point[1]).concat(this.measured.flatMap(({ train, dev }) => [train, dev]));
        const finite = all.filter((value) => Number.isFinite(value)); // null of JSON is not
        if (finite.length === 0) return [2, 4];
        finite.sort((a, b) => a - b);
        const low = finite[0];
        const high = finite[Math.floor(SHOWN_SHARE * (finite.length - 1))];
        const spare = 0.06 * (high - low) || 0.1;
        return [low - spare, high + spare];
    }

    draw() {
        const width = this.svg.clientWidth || 640;
        const [low, high] = this.range();
        const x = (step) => MARGIN.left + ((width - MARGIN.left - MARGIN.right) * step) / this.steps;
        const y = (loss) => MARGIN.top + ((CURVE_HEIGHT - MARGIN.top - MARGIN.bottom) * Math.max(0, high - loss)) / (high - low);
        const parts = ticks(low, high, 5).flatMap((loss) => [
            shape("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(loss), y2: y(loss) }),
            shape("text", { x: MARGIN.left - 6, y: y(loss) + 4, "text-anchor": "end" }, String(loss)),
        ]);
        for (const step of ticks(0, this.steps, width / 130)) {
            const anchor = x(step) > width - 40 ? "end" : "middle";
            parts.push(shape("text", { x: x(step), y: CURVE_HEIGHT - 10, "text-anchor": anchor }, step.toLocaleString("en")));
        }
        const line = thinned(this.points).map(([step, loss]) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`);
        parts.push(shape("polyline", { class: "line", points: line.join(" ") }));
        for (const { step, train, dev } of this.measured) {
            if (train !== null) parts.push(shape("circle", { class: "train", cx: x(step), cy: y(train), r: 4.5 }));
            if (dev !== null) parts.push(shape("circle", { class: "dev", cx: x(step), cy: y(dev), r: 4.5 }));
        }
        this.svg.setAttribute("viewBox", `0 0 ${width} ${CURVE_HEIGHT}`);
        this.svg.replaceChildren(...parts);
    }
}

// Symbols as points that move. Principal components may change their sign from one picture to the next; each keeps
// the sign that is nearer to the picture before.
class Embedding {
    constructor(svg, labels) {
        this.svg = svg;
        this.labels = labels;
        this.items = [];
        this.before = [];
        svg.replaceChildren();
    }

    add(n) {
        this.items = Array.from({ length: n }, (_, id) => {
            const item = shape("g", id === 0 ? { class: "boundary" } : {});
            item.append(shape("circle", { r: RADIUS }), shape("text", { y: 5 }, this.labels[id]));
            return item;
        });
        this.svg.replaceChildren(...this.items);
    }

    show(at) {
        const n = at.length / 2;
        if (this.items.length !== n) this.add(n);
        for (const k of [0, 1]) {
            let agreement = 0;
            for (let i = k; i < this.before.length; i += 2) agreement += this.before[i] * at[i];
            if (agreement < 0) for (let i = k; i < at.length; i += 2) at[i] = -at[i];
        }
        this.before = at;
        const width = this.svg.clientWidth || 640;
        const place = (k, size) => {
            const values = at.filter((_, i) => i % 2 === k);
            const low = Math.min(...values);
            const spread = Math.max(...values) - low || 1;
            return (value) => 2 * RADIUS + ((size - 4 * RADIUS) * (value - low)) / spread;
        };
        const x = place(0, width);
        const y = place(1, EMBEDDING_HEIGHT);
        this.svg.setAttribute("viewBox", `0 0 ${width} ${EMBEDDING_HEIGHT}`);
        for (const [i, item] of this.items.entries())
            item.style.transform = `translate(${x(at[2 * i]).toFixed(1)}px, ${(EMBEDDING_HEIGHT - y(at[2 * i + 1])).toFixed(1)}px)`;
    }
}
