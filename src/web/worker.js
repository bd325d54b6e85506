// Trains in the background, in pieces of a few milliseconds, between which it reads what the page sends.
// The page sends { modules }, then { open | openModel, names }, { train }, { look } and { save }.

const PIECE_MS = 25;
const LOOK_MS = 350;
const TEMPERATURES = [0.5, 1, 1.5];
const NAMES = 10;
const MOST_ROWS = 1000; // of the loss curve

let nomen;
let isOpen = false; // there is a model
let running = false;
let finished = false;
let every = 1;
let look = { prefix: "", temperature: 1 };
let looked = 0;

// Takes the module with the engine's multiply-add if the engine has it and rounds once, else the exact one.
function start({ exact, relaxed }) {
    const fast = relaxed && new Nomen(relaxed);
    const fuses = fast && fast.c.page_fuses(2 ** -12) !== 0;
    nomen = fuses ? fast : new Nomen(exact);
    postMessage({ ready: fuses ? "relaxed" : "exact" });
}

function show() {
    const shown = {};
    const attempt = (key, call) => {
        try {
            shown[key] = call();
        } catch (error) {
            shown[`${key}Error`] = error.message;
        }
    };
    attempt("names", () => TEMPERATURES.map((temperature) => nomen.sample(NAMES, temperature)));
    attempt("next", () => nomen.next(look.prefix, look.temperature));
    attempt("embedding", () => nomen.embedding());
    postMessage({ shown, temperatures: TEMPERATURES, prefix: look.prefix });
    looked = performance.now();
}

function opened(model) {
    isOpen = true;
    finished = !model.is_counts && model.step >= model.steps;
    every = Math.max(1, Math.floor(model.steps / MOST_ROWS));
    postMessage({ opened: model });
    show();
}

const tick = new MessageChannel(); // timers would wait 4 ms
let isDue = false; // a tick is on its way
let size = 1; // steps in a piece

function nextPiece() {
    if (!isDue) tick.port2.postMessage(0);
    isDue = true;
}

function evaluate() {
    const answer = nomen.measure();
    finished = answer.finished;
    postMessage({ measured: answer.measured });
}

function trainPiece() {
    isDue = false;
    if (!running) return;
    const begin = performance.now();
    try {
        const piece = nomen.train(size, every);
        const ms = performance.now() - begin;
        const made = piece.step - trainPiece.step;
        trainPiece.step = piece.step;
        postMessage({ piece, made, ms });
        if (piece.evaluates) evaluate();
        if (made === size) size = Math.max(1, Math.min(4 * size, Math.round((size * PIECE_MS) / Math.max(ms, 0.1))));
    } catch (error) {
        running = false;
        postMessage({ trouble: error.message });
        return;
    }
    if (finished) running = false;
    if (performance.now() - looked > LOOK_MS || finished) show();
    if (finished) postMessage({ finished: true });
    else nextPiece();
}
trainPiece.step = 0;
tick.port1.onmessage = trainPiece;

const ACTIONS = {
    modules: start,
    look(wanted) {
        look = wanted;
        if (isOpen) show();
    },
    open({ config, file, names }) {
        nomen.putFile("names.txt", names);
        opened(nomen.open(config, file));
    },
    openModel({ bytes, names }) {
        nomen.putFile("names.txt", names);
        const model = nomen.openModel(bytes);
        const { config } = nomen.save();
        opened(model);
        postMessage({ config });
        evaluate();
        if (finished) postMessage({ finished: true });
        trainPiece.step = model.step;
    },
    train(on) {
        if (!isOpen || on === running || finished) return;
        running = on;
        if (on) {
            nextPiece();
            return;
        }
        postMessage({ paused: true });
        show();
    },
    save(what) {
        const saved = nomen.save();
        postMessage({ saved: what === "config" ? saved.config : saved.model, what });
    },
};

onmessage = ({ data }) => {
    for (const [action, value] of Object.entries(data)) {
        try {
            ACTIONS[action](value);
        } catch (error) {
            running = false;
            postMessage({ trouble: error.message, during: action });
        }
    }
};
