// What the model makes of things: names, the next symbol, attention, the embedding.
class Shown {
    constructor(symbols) {
        this.symbols = symbols;
        this.bars = new Bars(byId("next"), symbols);
        this.embedding = new Embedding(byId("embedding"), symbols);
    }

    show({ shown, temperatures, prefix }) {
        if (shown.names) byId("samples").replaceChildren(...shown.names.map((names, i) => this.makeSamples(names, temperatures[i])));
        else byId("samples").replaceChildren(element("p", shown.namesError));
        this.showNext(shown, prefix);
        this.showEmbedding(shown.embedding);
    }

    makeSamples(names, temperature) {
        const part = element("div");
        const list = element("ol");
        list.append(...names.map((name) => {
            const item = element("li");
            item.append(nameElement(name));
            return item;
        }));
        part.append(element("h3", `Temperature ${temperature}`), list);
        return part;
    }

    showNext({ next, nextError }, prefix) {
        const says = byId("prefix-says");
        const { symbols } = this;
        byId("prefix").setAttribute("aria-invalid", String(!next));
        const shown = this.bars.show(next?.probabilities ?? new Float64Array(symbols.length));
        byId("rest").textContent = shown < symbols.length ? `The ${shown} most likely of ${whole(symbols.length)} symbols.` : "";
        byId("attention").hidden = !next?.maps;
        if (!next) {
            says.textContent = nextError;
            return;
        }
        const top = next.probabilities.indexOf(Math.max(...next.probabilities));
        const after = prefix === "" ? ["At the beginning"] : ["After ", nameElement(quoted(prefix))];
        const label = top === 0 ? "the end of the name" : quoted(symbols[top]);
        says.replaceChildren(...after, " it expects ", nameElement(label), ` most, at ${percent(next.probabilities[top])}.`);
        if (next.maps) this.showMaps(next);
    }

    showMaps({ read, maps }) {
        const layers = new Map();
        for (const { layer, shares } of maps) layers.set(layer, [...(layers.get(layer) ?? []), shares]);
        const parts = Array.from(layers, ([layer, shares]) => {
            const part = element("div");
            const title = `Layer ${layer}`;
            part.append(element("h4", title), headMaps(title, shares, read.map((id) => this.symbols[id])));
            return part;
        });
        byId("maps").replaceChildren(...parts);
    }

    showEmbedding(embedding) {
        byId("points").hidden = !embedding?.at;
        if (!embedding?.at) return;
        const n = embedding.at.length / 2;
        const cut = n < this.symbols.length ? `The first ${n} of ${whole(this.symbols.length)} symbols. ` : "";
        const [first, second] = embedding.shares.map((share) => Math.round(100 * share));
        byId("embedding-says").textContent = cut + (embedding.dim === 2
            ? "The two dimensions of the embedding."
            : `Points of ${embedding.dim} dimensions, seen along their two principal components (${first} % and ${second} % of the variance).`) +
            " The dot is the beginning and end of a name.";
        this.embedding.show(embedding.at);
    }

    static clear() {
        for (const id of ["samples", "next"]) byId(id).replaceChildren();
        for (const id of ["prefix-says", "rest"]) byId(id).textContent = "";
        for (const id of ["attention", "points"]) byId(id).hidden = true;
    }
}
