// The program in WebAssembly, behind functions that take and return JavaScript values (src/web/page.h).
"use strict";

// The C library's streams, which the page does not use, answer "not supported". Hash tables get a random seed.
const NOT_SUPPORTED = 58;
const refuse = () => NOT_SUPPORTED;

class Nomen {
    constructor(module) {
        const random_get = (at, n) => {
            crypto.getRandomValues(this.bytes(at, n));
            return 0;
        };
        const wasi = { fd_close: refuse, fd_seek: refuse, fd_write: refuse, random_get };
        this.c = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi }).exports;
        this.c._initialize();
        this.page = this.c.page_create();
        if (this.page === 0) throw new Error("out of memory");
    }

    bytes(at, n) {
        return new Uint8Array(this.c.memory.buffer, at, n);
    }

    // The text that ends with a NUL.
    text(at) {
        const rest = new Uint8Array(this.c.memory.buffer, at);
        return new TextDecoder().decode(rest.subarray(0, rest.indexOf(0)));
    }

    // Copies bytes and a NUL to the module's memory.
    copy(bytes) {
        const at = this.c.page_memory(bytes.length + 1);
        if (at === 0) throw new Error(`out of memory (${bytes.length} bytes asked for)`);
        const room = this.bytes(at, bytes.length + 1);
        room.set(bytes);
        room[bytes.length] = 0;
        return at;
    }

    // Calls `use` with the addresses of texts.
    withTexts(texts, use) {
        const places = texts.map((text) => this.copy(new TextEncoder().encode(text)));
        const result = use(...places);
        for (const at of places) this.c.page_free(at);
        return result;
    }

    answer(at) {
        const answer = JSON.parse(this.text(at));
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer;
    }

    putFile(name, bytes) {
        const at = this.copy(bytes);
        this.withTexts([name], (place) => this.answer(this.c.page_put(this.page, place, at, bytes.length)));
    }

    file(name) {
        return this.withTexts([name, "size"], (place, size) => {
            const at = this.c.page_file(place, size);
            return this.bytes(at, new DataView(this.c.memory.buffer).getUint32(size, true)).slice();
        });
    }

    // Opens the config with this text, which comes from the file `name`.
    open(config, name) {
        return this.withTexts([name, config], (path, text) => this.answer(this.c.page_open(this.page, path, text)));
    }

    openModel(bytes) {
        this.putFile("model.safetensors", bytes);
        return this.answer(this.c.page_open(this.page, 0, 0));
    }

    save() {
        const { config } = this.answer(this.c.page_save(this.page));
        return { config, model: this.file("model.safetensors") };
    }

    train(steps, every) {
        return this.answer(this.c.page_train(this.page, steps, every));
    }

    measure() {
        return this.answer(this.c.page_measure(this.page));
    }

    sample(count, temperature) {
        return this.answer(this.c.page_sample(this.page, count, temperature)).names;
    }

    next(prefix, temperature) {
        return this.withTexts([prefix], (text) => this.answer(this.c.page_next(this.page, text, temperature)));
    }

    embedding() {
        return this.answer(this.c.page_embedding(this.page));
    }
}
