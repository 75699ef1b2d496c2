import { describe, expect, test } from 'vitest';
import { at, bodyAt } from '../../support/at.ts';
import { openLab } from '../../support/sdk-client.ts';
import { parseSse } from '../../support/sse.ts';

const KEY = 'simulated-4b@q4_k_m';
const ASK = { model: KEY, messages: [{ role: 'user', content: 'Name three colors.' }] };

async function complete(url: string, body: object): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
}

const lab = (faults = {}) => openLab({ loadedAtStart: [KEY], answerTokens: () => 20, faults });

describe('GET /v1/models', () => {
  test('gives ids and nothing else', async () => {
    const { standIn } = await lab();
    const data = await bodyAt(await fetch(`${standIn.url}/v1/models`), 'data');
    expect(at(data, 0)).toEqual({ id: KEY, object: 'model', owned_by: 'organization_owner' });
    expect(data).toHaveLength(5);
  });

  test('gives only what is loaded where requests load nothing', async () => {
    const { standIn } = await lab({ noJustInTime: true });
    const data = await bodyAt(await fetch(`${standIn.url}/v1/models`), 'data');
    expect(data).toHaveLength(1);
  });
});

describe('POST /v1/chat/completions', () => {
  test('answers whole, with counts and without times', async () => {
    const { standIn } = await lab();
    expect(await (await complete(standIn.url, ASK)).json()).toMatchObject({
      object: 'chat.completion',
      model: KEY,
      choices: [{ index: 0, message: { role: 'assistant' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 20, total_tokens: 32 },
      stats: {},
    });
  });

  test('streams chunks that end with [DONE], and counts where asked for', async () => {
    const { standIn } = await lab();
    const body = { ...ASK, stream: true, max_tokens: 5, stream_options: { include_usage: true } };
    const events = parseSse(await (await complete(standIn.url, body)).text());
    expect(events).toHaveLength(5 + 1 + 1 + 1);
    expect(events[0]?.body).toMatchObject({ choices: [{ delta: { role: 'assistant' } }] });
    expect(events[5]?.body).toMatchObject({ choices: [{ delta: {}, finish_reason: 'length' }] });
    expect(events[6]?.body).toMatchObject({ choices: [], usage: { completion_tokens: 5 } });
    expect(events[7]?.body).toBe('[DONE]');
  });

  test('counts one too low at the limit where it has the defect of 0.4.22', async () => {
    const { standIn } = await lab({ shortCount: true });
    const usage = await bodyAt(await complete(standIn.url, { ...ASK, max_tokens: 5 }), 'usage');
    expect(usage).toMatchObject({ completion_tokens: 4, total_tokens: 16 });
  });

  test('serves a wrong name with the one model that is loaded, and says which', async () => {
    const { standIn } = await lab();
    expect(await bodyAt(await complete(standIn.url, { ...ASK, model: 'gpt-9' }), 'model')).toBe(KEY);
  });

  test('stops at a stop string', async () => {
    const { standIn } = await lab();
    const path = ['choices', 0, 'message', 'content'];
    const content = await bodyAt(await complete(standIn.url, { ...ASK, stop: '.' }), ...path);
    expect(String(content).split(' ')).toHaveLength(8);
  });

  test.each([
    [{ model: 'nothing', messages: ASK.messages }, 404, null],
    [{ model: KEY }, 400, 'messages'],
  ])('%j is refused with %i', async (body, status, param) => {
    const { standIn } = await openLab();
    const response = await complete(standIn.url, body);
    expect(response.status).toBe(status);
    expect(await bodyAt(response, 'error')).toMatchObject({ type: 'invalid_request_error', param });
  });
});
