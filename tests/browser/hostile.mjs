// Writes hostile names files, and configs that train on them, into a directory. Usage: hostile.mjs DIR.
import { writeFileSync } from "node:fs";

const directory = process.argv[2];

function write(name, names, config) {
    writeFileSync(`${directory}/${name}.txt`, `${names.join("\n")}\n`);
    writeFileSync(`${directory}/${name}.json`, JSON.stringify({ data: { path: `${name}.txt` }, ...config }));
}

const network = {
    model: {
        context: 2,
        layers: [
            { type: "embedding", dim: 4 },
            { type: "flatten" },
            { type: "linear", out: 16 },
            { type: "tanh" },
            { type: "linear", out: "vocab" },
        ],
    },
    train: { steps: 200, eval_every: 50, log_every: 10 },
};

// The same names twice: in letters, and with each letter masked by a character that means something in HTML,
// JavaScript, SVG or gnuplot, in the same order of code points. Both give the same model, and pages that differ only in
// their text.
const letters = "abcdefghijklmnop";
const masks = ["!", '"', "#", "$", "%", "&", "'", "/", ";", "<", ">", "\\", "`", "{", "}", "\u202e"];
let state = 1;
const random = (n) => (state = (state * 48271) % 2147483647) % n;
const plain = Array.from({ length: 300 }, () => Array.from({ length: 2 + random(6) }, () => letters[random(16)]).join(""));
write("plain", plain, { ...network, name: "a name of letters" });
write(
    "masked",
    plain.map((name) => Array.from(name, (letter) => masks[letters.indexOf(letter)]).join("")),
    { ...network, name: "<title><script>hacked = 1;<!-- \"'`${hacked = 1}{{model}}" },
);

// Names that counts with a long context and without smoothing reproduce.
const scripts = [
    "<script>alert(1);hacked=1</script>",
    "</script><script>hacked=1</script>",
    "<img src=x onerror=alert(1)>",
    "</svg><svg onload=alert(1)>",
    "--><!-- ]]>",
    "<!--<script>",
    "\" onfocus=\"alert(1)\" autofocus=\"",
    "' style='position:fixed;inset:0'",
    "javascript:alert(1)",
    "${hacked=1}`",
    "\\u003cb\\u003e\\",
    "{{script}}{{model}}",
    "&lt;b&gt;&amp;",
    "$(touch hacked)",
    "\"; system 'touch hacked'; #",
    "`touch hacked`",
    "%s%n@~{}^_",
];
write("scripts", [...scripts, ...scripts, ...scripts], {
    name: "<img src=x onerror=alert(1)>",
    model: { ngram: 16, smoothing: 0 },
});

// 5,000 symbols: Chinese characters, in names of three.
const wide = Array.from({ length: 5000 }, (_, i) =>
    String.fromCodePoint(0x4e00 + i, 0x4e00 + random(5000), 0x4e00 + random(5000)),
);
write("wide", wide, { ...network, train: { steps: 50 } });

// Counts that never saw most contexts and give no distribution there.
write("unseen", ["ab", "ba", "abc", "ab", "ba", "abc", "ab", "ba", "abc", "ab"], { model: { ngram: 3, smoothing: 0 } });
