import { z } from 'zod';

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const ID_RULE = 'must be 1 to 64 lower-case letters, digits, dots, hyphens or underscores';
/** Longer than the longest context that local models have. */
const MOST_OUTPUT_TOK = 1_000_000;

/** A block ends at the latest after this long. */
const LONGEST_BLOCK_S = 3600;

const name = {
  id: z.string().regex(ID, ID_RULE).describe('Name of the prompt, unique in the file.'),
  category: z.string().regex(ID, ID_RULE).describe('Group that results are summed over, such as short.'),
};

const length = z.int().min(1).max(MOST_OUTPUT_TOK);

const written = z.strictObject({
  ...name,
  text: z
    .string()
    .refine((text) => text.trim() !== '', 'must not be blank')
    .describe('What the model is asked, byte for byte.'),
  maxOutput_tok: z
    .int()
    .min(1)
    .max(MOST_OUTPUT_TOK)
    .describe('The answer is cut off after this many tokens.'),
});

const generated = z.strictObject({
  ...name,
  generate: z
    .strictObject({
      input_tok: length.describe('Words of the prompt, each one token.'),
      output_tok: length.describe('The answer is cut off after this many tokens.'),
    })
    .describe('Instead of a text: words drawn anew for each request.'),
  block_s: z
    .number()
    .positive()
    .max(LONGEST_BLOCK_S)
    .optional()
    .describe('Send requests back to back for at least so many seconds, as one trial.'),
});

const prompt = z.union([written, generated]);

const workloadFile = z
  .strictObject({
    $schema: z.string().optional().describe('For editors.'),
    id: z.string().regex(ID, ID_RULE).describe('Name of the workload; a built-in one is called as its file.'),
    version: z.int().min(1).describe('Raised with every change of what is sent.'),
    title: z.string().min(1).describe('One line for people.'),
    identity: z
      .enum(['text', 'lexicon', 'tokens'])
      .describe('What stays the same between models: the bytes, the token count by lexicon, or by trimming.'),
    nonce: z
      .boolean()
      .describe('Put words that never repeat before each prompt, so that no cache can serve it.'),
    system: z.string().nullable().describe('System prompt, or null for none.'),
    kind: z
      .literal('idle')
      .optional()
      .describe('No requests: idle power of each state, load and unload of a model.'),
    prompts: z.array(prompt).describe('Sent in this order; none for idle.'),
  })
  .superRefine(({ kind, prompts }, context) => {
    if ((prompts.length === 0) !== (kind === 'idle')) {
      const message = kind === 'idle' ? 'must be empty for kind idle' : 'must not be empty';
      context.addIssue({ code: 'custom', path: ['prompts'], message });
    }
    const seen = new Set<string>();
    for (const [index, { id }] of prompts.entries()) {
      if (seen.has(id)) {
        context.addIssue({
          code: 'custom',
          path: ['prompts', index, 'id'],
          message: `is used twice: '${id}'`,
        });
      }
      seen.add(id);
    }
  });

/** What a file of `prompts/`, or one given with `--workload FILE`, holds; the hash is added on loading. */
export type WorkloadFile = z.infer<typeof workloadFile>;

/** First thing that is wrong: where (keys and indices from the root) and why. */
export interface WorkloadFault {
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

export type WorkloadCheck =
  | { readonly ok: true; readonly file: WorkloadFile }
  | { readonly ok: false; readonly faults: readonly [WorkloadFault, ...WorkloadFault[]] };

/** Checks parsed JSON against the schema; never throws. */
export function checkWorkload(value: unknown): WorkloadCheck {
  const parsed = workloadFile.safeParse(value);
  if (parsed.success) return { ok: true, file: parsed.data };
  const [first, ...others] = parsed.error.issues.flatMap(faultsOf);
  return { ok: false, faults: [first ?? { path: [], reason: 'is not a workload' }, ...others] };
}

/** JSON Schema (draft 2020-12) of a workload file, for editors and for `prompts/README.md`. */
export function workloadJsonSchema(): Record<string, unknown> {
  return { title: 'lmpower workload', ...z.toJSONSchema(workloadFile) };
}

/** Of a prompt that is neither of the two kinds, the faults of the kind that was meant. */
function faultsOf(issue: z.core.$ZodIssue): WorkloadFault[] {
  if (issue.code !== 'invalid_union') return [{ path: pathOf(issue), reason: reasonOf(issue) }];
  const [asWritten = [], asGenerated = []] = issue.errors;
  const isGenerated = asWritten.some(
    (one) => one.code === 'unrecognized_keys' && one.keys.includes('generate'),
  );
  return (isGenerated ? asGenerated : asWritten).map((one) => ({
    path: [...pathOf(issue), ...pathOf(one)],
    reason: reasonOf(one),
  }));
}

/** What is missing has received 'undefined', a word that no JSON file knows. */
function reasonOf({ code, message }: z.core.$ZodIssue): string {
  return code === 'invalid_type' && message.endsWith('received undefined') ? 'is missing' : message;
}

/** An unknown key is the fault's own place, not its parent's. */
function pathOf(issue: z.core.$ZodIssue): (string | number)[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  return key === undefined ? path : [...path, key];
}
