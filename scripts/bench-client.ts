import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Backend, LoadedModel } from '../src/backends/backend.ts';
import { BACKENDS, type BackendFactory } from '../src/backends/index.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Completion } from '../src/core/run.ts';
import { MS_PER_S } from '../src/core/units.ts';
import { DEFAULT_CATALOG } from '../src/simulator/lmstudio/catalog.ts';
import type { ServedAnswer } from '../src/simulator/lmstudio/lab.ts';
import { startLmStudioStandIn } from '../src/simulator/lmstudio/server.ts';
import { PowerSteps } from '../src/simulator/power-step.ts';

/**
 * What listening to an answer costs, and how late its stamps are: the stand-in runs in a process of its own and tells when
 * it wrote (one clock serves all processes of a boot).
 */
const ANSWER_TOK = 400;
const RATE_tokPerS = 100;
const US_PER_MS = 1000;

const { values } = parseArgs({ options: { serve: { type: 'boolean', default: false } } });
if (values.serve) await serve();
else for (const factory of BACKENDS) await bench(factory);

async function serve(): Promise<void> {
  const models = DEFAULT_CATALOG.map((model) => ({
    ...model,
    answer_tok: ANSWER_TOK,
    decodeTokPerS: RATE_tokPerS,
    prefillTokPerS: 5000,
  }));
  const [first] = models;
  const lab = await startLmStudioStandIn({
    steps: new PowerSteps(),
    models,
    loadedAtStart: first === undefined ? [] : [first.key],
  });
  process.on('message', () => process.send?.(lab.answers));
  process.on('disconnect', () => void lab.close());
  process.send?.(lab.url);
}

async function bench(factory: BackendFactory): Promise<void> {
  const server = fork(import.meta.filename, ['--serve']);
  const [url]: unknown[] = await once(server, 'message');
  const backend = factory.create({ url: String(url), token: null, clock: systemClock, timeout_s: 30 });
  const [model] = await backend.loaded();
  if (model === undefined) throw new Error('the stand-in has no model in memory');
  await ask(backend, model);
  const before = process.cpuUsage();
  const completion = await ask(backend, model);
  const cpu = process.cpuUsage(before);
  const answered = once(server, 'message');
  server.send('answers');
  const [answers]: ServedAnswer[][] = await answered;
  print(factory.id, { completion, served: answers?.at(-1), cpu_us: cpu.user + cpu.system });
  await backend.close();
  server.disconnect();
  await once(server, 'exit');
}

function ask(backend: Backend, model: LoadedModel): Promise<Completion> {
  const inference = {
    temperature: 0,
    topP: null,
    topK: null,
    minP: null,
    repeatPenalty: null,
    seed: null,
    maxOutput_tok: ANSWER_TOK,
  };
  const prompt = { id: 'bench', category: 'bench', text: 'What is a joule?', maxOutput_tok: ANSWER_TOK };
  const signal = new AbortController().signal;
  return backend.complete({ model, prompt, system: null, inference }, { signal });
}

interface Figures {
  readonly completion: Completion;
  readonly served: ServedAnswer | undefined;
  readonly cpu_us: number;
}

function print(id: string, { completion, served, cpu_us }: Figures): void {
  if (completion.error !== null || served === undefined)
    throw new Error(`${id}: ${completion.error?.message}`);
  const span_us = (completion.ended_s - completion.requested_s) * MS_PER_S * US_PER_MS;
  const late = (ours_s: number | null, theirs_s: number | null): string =>
    ours_s === null || theirs_s === null ? '-' : ((ours_s - theirs_s) * MS_PER_S).toFixed(2);
  process.stdout.write(
    `${id}: ${completion.tokens.length} tokens at ${RATE_tokPerS} tok/s, ` +
      `${(cpu_us / completion.tokens.length).toFixed(0)} us CPU a token, ` +
      `${((cpu_us / span_us) * 100).toFixed(2)} % of a core; ms after the server: ` +
      `request ${late(served.requested_s, completion.requested_s)}, ` +
      `first ${late(completion.firstToken_s, served.firstToken_s)}, ` +
      `last ${late(completion.lastToken_s, served.lastToken_s)}, ` +
      `end ${late(completion.ended_s, served.ended_s)}\n`,
  );
}
