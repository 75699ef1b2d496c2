import { afterEach, describe, expect, test } from 'vitest';
import { startLlamaServerStandIn } from '../../../src/simulator/llama-server/server.ts';
import { startOllamaStandIn } from '../../../src/simulator/ollama/server.ts';
import { PowerSteps } from '../../../src/simulator/power-step.ts';
import type { StandIn, StandInOptions } from '../../../src/simulator/serving/stand-in.ts';
import { openAiOf } from '../../support/contract-servers.ts';
import { FAST_MODELS } from '../../support/lmstudio-lab.ts';
import { parseSse } from '../../support/sse.ts';

const opened: StandIn[] = [];
const KEY = FAST_MODELS[0]?.key ?? '';

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function start(
  make: (options: StandInOptions) => Promise<StandIn>,
  options: Partial<StandInOptions> = {},
): Promise<{ lab: StandIn; steps: PowerSteps }> {
  const steps = new PowerSteps();
  const lab = await make({ steps, models: FAST_MODELS, loadedAtStart: [KEY], ...options });
  opened.push(lab);
  return { lab, steps };
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body) });

const MESSAGES = [{ role: 'user', content: 'Name three colors.' }];

describe.each<[string, (options: StandInOptions) => Promise<StandIn>, string, object]>([
  ['llama-server', startLlamaServerStandIn, '/v1/chat/completions', { max_tokens: 20 }],
  ['Ollama', startOllamaStandIn, '/api/chat', { model: 'simulated-4b:q4_k_m', options: { num_predict: 20 } }],
  ['vLLM', openAiOf('vllm'), '/v1/chat/completions', { model: KEY, max_tokens: 20 }],
])('%s', (_title, make, path, more) => {
  test('draws the model’s prefill and decode power while it answers, and nothing after', async () => {
    const { lab, steps } = await start(make);
    await (await post(`${lab.url}${path}`, { ...more, messages: MESSAGES, stream: true })).text();
    const { prefillPower, decodePower } = FAST_MODELS[0] ?? {};
    const [prefill, decode, rest] = steps.all();
    expect(prefill).toMatchObject(prefillPower ?? {});
    expect(decode).toMatchObject(decodePower ?? {});
    expect(rest).toMatchObject({ cpu_W: 0, gpu_W: 0, ane_W: 0 });
    expect(lab.answers).toHaveLength(1);
    expect(lab.answers[0]).toMatchObject({ output_tok: 20, modelKey: KEY });
  });

  test('dies with its connections, and comes back at the same address', async () => {
    const { lab } = await start(make);
    await lab.die();
    await expect(fetch(lab.url)).rejects.toThrow('fetch failed');
    await lab.comeBack();
    expect((await fetch(`${lab.url}/nothing-here`)).status).toBe(404);
    expect(lab.loaded()).toEqual([KEY]);
  });

  test('stops drawing power when its client leaves', async () => {
    const { lab, steps } = await start(make, {
      models: FAST_MODELS.map((model) => ({ ...model, decodeTokPerS: 50, answer_tok: 500 })),
    });
    const stop = new AbortController();
    const body = JSON.stringify({ ...more, max_tokens: 500, options: {}, messages: MESSAGES, stream: true });
    const answer = await fetch(`${lab.url}${path}`, { method: 'POST', body, signal: stop.signal });
    await answer.body?.getReader().read();
    const ended = new Promise<void>((resolve) =>
      steps.subscribe(({ gpu_W }) => {
        if (gpu_W === 0) resolve();
      }),
    );
    stop.abort();
    await ended;
    expect(steps.all().at(-1)).toMatchObject({ cpu_W: 0, gpu_W: 0 });
  });
});

describe('llama-server’s stream', () => {
  test('has progress, timings on each token and the counts at the end, where they were asked for', async () => {
    const { lab } = await start(startLlamaServerStandIn);
    const body = {
      messages: MESSAGES,
      max_tokens: 3,
      timings_per_token: true,
      return_progress: true,
      stream_options: { include_usage: true },
    };
    const events = parseSse(await (await post(`${lab.url}/v1/chat/completions`, body)).text());
    const chunks = events.map((event) => event.body).filter((one) => typeof one === 'object');
    expect(chunks.filter((one) => 'prompt_progress' in one).at(-1)).toMatchObject({
      prompt_progress: { total: 12, cache: 0, processed: 12 },
    });
    const counted = chunks.flatMap(({ timings }) => (timings === undefined ? [] : [timings]));
    expect(counted).toMatchObject(
      [1, 2, 3, 3].map((predicted_n) => ({ predicted_n, prompt_n: 12, cache_n: 0 })),
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 3, prompt_tokens: 12 } });
    expect(events.at(-1)?.body).toBe('[DONE]');
  });

  test('is plain where nothing was asked for', async () => {
    const { lab } = await start(startLlamaServerStandIn);
    const answer = await post(`${lab.url}/v1/chat/completions`, { messages: MESSAGES, max_tokens: 3 });
    const text = await answer.text();
    expect(text).not.toContain('prompt_progress');
    expect(text.match(/"timings"/g)).toHaveLength(1);
  });
});

test('Ollama starts its model anew for a request with another context, and says how long that took', async () => {
  const { lab } = await start(startOllamaStandIn);
  const answer = await post(`${lab.url}/api/chat`, {
    model: 'simulated-4b:q4_k_m',
    messages: MESSAGES,
    options: { num_ctx: 1024, num_predict: 3 },
  });
  const last = (await answer.text()).trim().split('\n').at(-1) ?? '';
  const { load_duration } = JSON.parse(last);
  expect(load_duration).toBeGreaterThanOrEqual((FAST_MODELS[0]?.load_s ?? 0) * 1e9);
});
