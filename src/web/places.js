// Where in a config's text an error is. Returns [begin, end] in the text, or null.

const PATH = /^[\w$]+(?:\.[\w$]+|\[\d+\])*(?=: )/u;

// Finds every value of valid JSON: calls found(path, begin, end), where a member begins with its key.
function walkJson(text, found) {
    let at = 0;
    const skip = () => {
        while (at < text.length && " \t\r\n".includes(text[at])) at++;
    };
    const string = () => {
        const begin = at++;
        while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
        return JSON.parse(text.slice(begin, ++at));
    };
    function list(path, isObject) {
        at++;
        for (let i = 0; ; i++) {
            skip();
            if (text[at] === ",") at++;
            skip();
            if ("}]".includes(text[at])) break;
            const begin = at;
            let inner = `${path}[${i}]`;
            if (isObject) {
                const key = string();
                inner = path === "" ? key : `${path}.${key}`;
                skip();
                at++;
            }
            value(inner, begin);
        }
        at++;
    }
    function value(path, begin) {
        skip();
        if (text[at] === '"') string();
        else if ("{[".includes(text[at])) list(path, text[at] === "{");
        else while (at < text.length && !" \t\r\n,]}".includes(text[at])) at++;
        found(path, begin, at);
    }
    value("", 0);
}

function placeOfKey(text, path) {
    const places = new Map();
    try {
        JSON.parse(text);
        walkJson(text, (key, begin, end) => places.set(key, [begin, end]));
    } catch {
        return null;
    }
    for (let key = path; key !== ""; key = key.replace(/(?:^|\.)[^.[]*$|\[\d+\]$/u, "")) if (places.has(key)) return places.get(key);
    return null;
}

function placeOfError(text, message) {
    const position = message.match(/^line (\d+), column (\d+): /u);
    if (!position) {
        const path = message.match(PATH);
        return path && placeOfKey(text, path[0]);
    }
    const [line, column] = position.slice(1).map(Number);
    const lines = text.split("\n");
    const left = Array.from(lines[line - 1] ?? "").slice(0, column - 1).join(""); // columns count code points
    const begin = Math.min(text.length, lines.slice(0, line - 1).reduce((n, each) => n + each.length + 1, 0) + left.length);
    return [begin, Math.min(text.length, begin + 1)];
}
