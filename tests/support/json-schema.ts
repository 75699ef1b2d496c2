/** The words of JSON Schema that our schemas use; another one is an error, so that nothing is passed over. */
const WORDS: Readonly<Record<string, (said: unknown, json: unknown, schema: Schema) => boolean>> = {
  $schema: () => true,
  title: () => true,
  description: () => true,
  type: (said, json) => [said].flat().some((one) => isOfType(one, json)),
  enum: (said, json) => Array.isArray(said) && said.includes(json),
  anyOf: (said, json) => Array.isArray(said) && said.some((one) => fits(one, json)),
  items: (said, json) => !Array.isArray(json) || json.every((one) => fits(said, one)),
  minItems: (said, json) => !Array.isArray(json) || json.length >= Number(said),
  minLength: (said, json) => typeof json !== 'string' || json.length >= Number(said),
  pattern: (said, json) => typeof json !== 'string' || new RegExp(String(said), 'u').test(json),
  minimum: (said, json) => typeof json !== 'number' || json >= Number(said),
  exclusiveMinimum: (said, json) => typeof json !== 'number' || json > Number(said),
  maximum: (said, json) => typeof json !== 'number' || json <= Number(said),
  additionalProperties: (said, json, { properties }) =>
    said === false &&
    (!isObject(json) || Object.keys(json).every((key) => Object.hasOwn(recordOf(properties), key))),
  properties: (said, json) =>
    !isObject(json) ||
    Object.entries(recordOf(said)).every(([key, one]) => !Object.hasOwn(json, key) || fits(one, json[key])),
};

type Schema = Readonly<Record<string, unknown>>;

/** Whether JSON is as the schema says. Source: JSON Schema 2020-12, as far as our own schemas go. */
export function fits(schema: unknown, json: unknown): boolean {
  const words = recordOf(schema);
  return Object.entries(words).every(([word, said]) => {
    const check = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (check === undefined) throw new Error(`the schema says ${word}, which this check does not know`);
    return check(said, json, words);
  });
}

function isOfType(type: unknown, json: unknown): boolean {
  if (type === 'integer') return Number.isInteger(json);
  if (type === 'array') return Array.isArray(json);
  if (type === 'object') return isObject(json);
  return typeof json === type;
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function recordOf(json: unknown): Schema {
  if (isObject(json)) return json;
  throw new Error(`no schema: ${JSON.stringify(json)}`);
}
