// Checks configs/schema.json with ajv: configs that nomen accepts are valid; configs that the tests expect nomen to refuse
// are not, except for what a schema cannot express. node check.mjs SCHEMA REFUSED-DIRECTORY CONFIG...
import { readFileSync, readdirSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';

// Messages of nomen for what no schema can express, and why.
const BEYOND = [
  [/duplicate key/, 'JSON readers keep one of two keys'],
  [/no such place in the config|^layers: unknown key|the change is not UTF-8/, 'an error of --set'],
  [/^model\.layers\S*\.n: expected (a divisor|at most the context)/, 'shapes'],
  [/expected a number that divides the width|layers that keep the shape/, 'shapes'],
  [/needs every position|a second "position"|nested at most/, 'the layers before and around it'],
  [/^data\.shuffle_seed: with random/, 'the key random'],
  [/the last layer gives/, 'shapes'],
  [/^data\.split: .*found \[0\.(9,0\.2|5,0\.25)\]/, 'a sum'],
  [/^train\.lr\.warmup: expected fewer steps/, 'a comparison of two numbers'],
  [/^train\.lr\[\d+\](\[0\])?: expected steps that increase from 0/, 'a comparison of two numbers'],
  [/^expect\.(unmet\.)?loss\.\d+: expected a step/, 'train.steps'],
  [/^expect\.unmet\.why: expected/, 'required by other keys'],
  [/^no "expect" block/, 'an error of verify, not of the config'],
  [/found "(1e400|0e999)"$/, 'the range of a number in a string'],
  [/^expect\.diagnostics\..*no such statistic/, 'the layers'],
  [/is not in the model's vocabulary/, 'the names'],
];

const [schemaPath, refusedDir, ...configs] = process.argv.slice(2);
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictTuples: false, strictTypes: false });
const validate = ajv.compile(JSON.parse(readFileSync(schemaPath, 'utf8')));
let failures = 0;
const fail = (text) => {
  console.log(`FAILED ${text}`);
  failures++;
};

for (const path of configs)
  if (!validate(JSON.parse(readFileSync(path, 'utf8'))))
    fail(`${path}: ${ajv.errorsText(validate.errors.slice(0, 3))}`);

// Like --set: a value that is not JSON is a string.
function change(config, [key, text]) {
  let value = text;
  try {
    value = JSON.parse(text);
  } catch {}
  const parts = key.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  let place = config;
  for (const part of parts.slice(0, -1)) place = place?.[part];
  if (place instanceof Object) place[parts.at(-1)] = value;
}

const counts = { refused: 0, 'not JSON': 0, 'beyond a schema': 0 };
const used = new Set();
for (const name of readdirSync(refusedDir)) {
  const [message, set, ...rest] = readFileSync(`${refusedDir}/${name}`, 'utf8').split('\n');
  let config;
  try {
    config = JSON.parse(rest.join('\n'));
  } catch {
    counts['not JSON']++;
    continue;
  }
  if (set) change(config, set.split(/=(.*)/s));
  const reason = BEYOND.find(([pattern]) => pattern.test(message));
  const isValid = validate(config);
  if (isValid && !reason) fail(`valid by the schema, refused by nomen: ${message}\n  ${set} ${JSON.stringify(config)}`);
  if (isValid && reason) used.add(reason);
  counts[isValid ? 'beyond a schema' : 'refused']++;
}
if (counts.refused < 80) fail(`only ${counts.refused} refused configs: were they collected?`);
for (const reason of BEYOND) if (!used.has(reason)) fail(`no config needs the exception ${reason[0]}`);

const list = Object.entries(counts).map(([what, n]) => `${n} ${what}`);
console.log(`${configs.length} configs valid; of those nomen refuses ${list.join(', ')}`);
process.exit(failures > 0 ? 1 : 0);
