import { fork } from 'node:child_process';
import { once } from 'node:events';
import { ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import type { Backend, LoadedModel } from '../src/backends/backend.ts';
import { BACKENDS } from '../src/backends/index.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Completion } from '../src/core/run.ts';
import { MS_PER_S } from '../src/core/units.ts';
import { startLlamaServerStandIn } from '../src/simulator/llama-server/server.ts';
import { DEFAULT_CATALOG } from '../src/simulator/lmstudio/catalog.ts';
import { startLmStudioStandIn } from '../src/simulator/lmstudio/server.ts';
import { startOllamaStandIn } from '../src/simulator/ollama/server.ts';
import { startOpenAiStandIn } from '../src/simulator/openai/server.ts';
import { PowerSteps } from '../src/simulator/power-step.ts';
import type { StandInOptions } from '../src/simulator/serving/stand-in.ts';

/**
 * What listening to answers costs, and how late its stamps are. The stand-in runs in a process of its own and puts the
 * instant at which it writes a token in place of the token's text: one clock serves all processes of a boot.
 *
 *     npm run build && node dist/scripts/bench-client.js --streams 16 --rate 200
 */
const { values } = parseArgs({
  options: {
    serve: { type: 'string' },
    streams: { type: 'string', default: '16' },
    rate: { type: 'string', default: '200' },
    tokens: { type: 'string', default: '600' },
    only: { type: 'string' },
  },
});
const STREAMS = Number(values.streams);
const RATE_tokPerS = Number(values.rate);
const ANSWER_TOK = Number(values.tokens);
const US_PER_S = 1e6;
const P99 = 0.99;

/** Answers in whatever form the backend of that id reads. */
const SERVERS: Readonly<Record<string, (options: StandInOptions) => Promise<{ readonly url: string }>>> = {
  lmstudio: startLmStudioStandIn,
  'lmstudio-rest': startLmStudioStandIn,
  'llama-server': startLlamaServerStandIn,
  ollama: startOllamaStandIn,
  openai: (options) => startOpenAiStandIn({ ...options, kind: 'vllm' }),
};

if (values.serve !== undefined) await serve(values.serve);
else
  for (const { id } of BACKENDS)
    if (values.only === undefined || values.only === id) process.stdout.write(`${await bench(id)}\n`);

async function serve(id: string): Promise<void> {
  stampTokens();
  const models = DEFAULT_CATALOG.map((model) => ({
    ...model,
    answer_tok: ANSWER_TOK,
    decodeTokPerS: RATE_tokPerS,
    prefillTokPerS: 50_000,
    load_s: 0.01,
  }));
  const start = SERVERS[id];
  const [first] = models;
  if (start === undefined || first === undefined) throw new Error(`no stand-in for ${id}`);
  const settings = { 'llm.load.numParallelSessions': STREAMS, 'llm.load.contextLength': 8192 };
  const lab = await start({ steps: new PowerSteps(), models, loadedAtStart: [first.key], settings });
  process.on('disconnect', () => process.exit());
  process.send?.(lab.url);
}

/** The text of every token that leaves becomes the instant of its leaving. */
function stampTokens(): void {
  const stamped = (written: unknown): unknown =>
    typeof written === 'string'
      ? written.replace(/("content":")(?:[^"\\]|\\.)+"/, `$1${systemClock.now_s().toFixed(6)} "`)
      : written;
  for (const [owner, name] of [
    [ServerResponse.prototype, 'write'],
    [WebSocket.prototype, 'send'],
  ] as const) {
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== 'function') throw new Error(`${name} is gone`);
    Reflect.set(owner, name, function write(this: unknown, data: unknown, ...rest: unknown[]): unknown {
      return Reflect.apply(original, this, [stamped(data), ...rest]);
    });
  }
}

async function bench(id: string): Promise<string> {
  const words = ['--streams', values.streams, '--rate', values.rate, '--tokens', values.tokens];
  const server = fork(import.meta.filename, ['--serve', id, ...words]);
  const [url]: unknown[] = await once(server, 'message');
  const factory = BACKENDS.find((one) => one.id === id);
  if (factory === undefined) throw new Error(`no backend ${id}`);
  const backend = factory.create({ url: String(url), token: null, clock: systemClock, timeout_s: 30 });
  const model = await modelOf(backend);
  await askAll(backend, model);
  const before = process.cpuUsage();
  const completions = await askAll(backend, model);
  const { system, user } = process.cpuUsage(before);
  await backend.close();
  server.disconnect();
  await once(server, 'exit');
  return lineOf(id, completions, system + user);
}

async function modelOf(backend: Backend): Promise<LoadedModel> {
  const [model] = await backend.loaded();
  if (model === undefined) throw new Error('the stand-in has no model in memory');
  return model;
}

function askAll(backend: Backend, model: LoadedModel): Promise<Completion[]> {
  return Promise.all(Array.from({ length: STREAMS }, (_, stream) => ask(backend, model, stream)));
}

function ask(backend: Backend, model: LoadedModel, stream: number): Promise<Completion> {
  const none = { topP: null, topK: null, minP: null, repeatPenalty: null, seed: null };
  const inference = { ...none, temperature: 0, maxOutput_tok: ANSWER_TOK };
  const text = `${stream}: what is a joule?`;
  const prompt = { id: 'bench', category: 'bench', text, maxOutput_tok: ANSWER_TOK };
  const signal = new AbortController().signal;
  return backend.complete({ model, prompt, system: null, inference }, { signal });
}

function lineOf(id: string, completions: readonly Completion[], cpu_us: number): string {
  const failed = completions.find(({ error }) => error !== null);
  if (failed !== undefined) throw new Error(`${id}: ${failed.error?.message}`);
  const late_ms = completions.flatMap(latenessOf).sort((a, b) => a - b);
  const quantile = (share: number): string =>
    (late_ms[Math.floor(share * (late_ms.length - 1))] ?? 0).toFixed(2);
  const from_s = Math.min(...completions.map(({ requested_s }) => requested_s));
  const to_s = Math.max(...completions.map(({ ended_s }) => ended_s));
  const share = cpu_us / US_PER_S / (to_s - from_s);
  return (
    `${id.padEnd(13)} ${STREAMS} streams, ${(late_ms.length / (to_s - from_s)).toFixed(0)} tok/s: ` +
    `late by ${quantile(0.5)} ms (p50), ${quantile(P99)} ms (p99), ${quantile(1)} ms (most); ` +
    `${(cpu_us / late_ms.length).toFixed(1)} us CPU a token, ${(share * 100).toFixed(1)} % of a core`
  );
}

/** Each token's arrival less the instant that it carries. */
function latenessOf({ text, tokens }: Completion): number[] {
  const sent_s = text.trim().split(' ').map(Number);
  if (sent_s.length !== tokens.length)
    throw new Error(`${tokens.length} tokens, but ${sent_s.length} stamps`);
  return tokens.map(({ arrival_s }, place) => (arrival_s - (sent_s[place] ?? Number.NaN)) * MS_PER_S);
}
