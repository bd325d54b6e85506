// configs/schema.json by a validator that is not ours: every config that nomen takes is valid, every config that the tests
// expect to be refused is not, but for what a schema cannot say. node check.mjs SCHEMA REFUSED-DIR CONFIG...
import { readFileSync, readdirSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';

// Messages of nomen for what no schema can say, and why.
const BEYOND = [
  [/duplicate key/, 'JSON readers keep one of them'],
  [/no such place in the config|the change is not UTF-8/, 'a slip of --set'],
  [/^model\.layers\[\d+\]\.n: expected a divisor/, 'shapes'],
  [/the last layer gives/, 'shapes'],
  [/^data\.split: .*found \[0\.(9,0\.2|5,0\.25)\]/, 'a sum'],
  [/^train\.lr\.warmup: expected fewer steps/, 'two numbers beside each other'],
  [/^train\.lr\[\d+\](\[0\])?: expected a later step/, 'two numbers beside each other'],
  [/nesterov: expected a momentum above 0/, 'two keys beside each other'],
  [/^expect\.(unmet\.)?loss\.\d+: the run has/, 'train.steps'],
  [/^expect\.unmet\.why: expected/, 'asked for where there are figures beside it'],
  [/^expect: nothing is expected/, 'nothing for verify to do, no fault of the config'],
  [/found "(1e400|0e999)"$/, 'the range of a number in a string'],
  [/^expect\.diagnostics\..*no such statistic/, 'the layers there are'],
  [/is not in the model's vocabulary/, 'the names'],
];

const [schemaPath, refusedFolder, ...configs] = process.argv.slice(2);
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

// As nomen's --set: the value as JSON, or as a string where it is none.
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
for (const name of readdirSync(refusedFolder)) {
  const [message, set, ...rest] = readFileSync(`${refusedFolder}/${name}`, 'utf8').split('\n');
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
if (counts.refused < 100) fail(`only ${counts.refused} refused configs: were they collected?`);
for (const reason of BEYOND) if (!used.has(reason)) fail(`no config needs the exception ${reason[0]}`);

const list = Object.entries(counts).map(([what, n]) => `${n} ${what}`);
console.log(`${configs.length} configs valid; of those nomen refuses ${list.join(', ')}`);
process.exit(failures > 0 ? 1 : 0);
