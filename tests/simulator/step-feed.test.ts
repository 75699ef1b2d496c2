import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type PowerStep, PowerSteps } from '../../src/simulator/power-step.ts';
import { connectSteps, serveSteps } from '../../src/simulator/step-feed.ts';
import { createLineCutter, feedLineText, parseFeedLine } from '../../src/simulator/step-lines.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function stepAt(at_s: number): PowerStep {
  return { at_s, cpu_W: 1 / 3, gpu_W: at_s / 7, ane_W: 0 };
}

async function serve(steps: PowerSteps) {
  const server = await serveSteps(steps);
  open.push(server.close);
  return server;
}

async function listen(port: number) {
  const got: PowerStep[] = [];
  const feed = await connectSteps(port, (step) => got.push(step));
  open.push(feed.close);
  return { feed, got };
}

describe('the step feed', () => {
  test('gives a late meter all earlier steps before it is connected, to the last bit', async () => {
    const steps = new PowerSteps();
    const earlier = Array.from({ length: 300 }, (_, i) => stepAt(123456.789 + i / 3));
    for (const step of earlier) steps.append(step);
    const { port } = await serve(steps);
    expect((await listen(port)).got).toEqual(earlier);
  });

  test('has delivered every step written before once it says it caught up', async () => {
    const steps = new PowerSteps();
    const { port } = await serve(steps);
    const { feed, got } = await listen(port);
    for (let i = 0; i < 20; i++) {
      steps.append(stepAt(i));
      await feed.caughtUp();
      expect(got).toHaveLength(i + 1);
    }
  });

  test('serves several meters alike', async () => {
    const steps = new PowerSteps();
    const { port } = await serve(steps);
    const meters = [await listen(port), await listen(port)];
    steps.append(stepAt(1));
    for (const { feed, got } of meters) {
      await feed.caughtUp();
      expect(got).toEqual([stepAt(1)]);
    }
  });

  test('tells the meter when the lab closes, and lets it wait for nothing', async () => {
    const server = await serve(new PowerSteps());
    const { feed } = await listen(server.port);
    const closed = once(feed.closed, 'abort');
    await server.close();
    open.shift();
    await closed;
    await expect(feed.caughtUp()).rejects.toThrow(/feed closed/);
  });

  test('drops a stranger who writes something else, and goes on for the meter', async () => {
    const steps = new PowerSteps();
    const { port } = await serve(steps);
    const { feed, got } = await listen(port);
    const stranger = connect({ port, host: '127.0.0.1' });
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    await once(stranger, 'close');
    steps.append(stepAt(2));
    await feed.caughtUp();
    expect(got).toEqual([stepAt(2)]);
  });

  test('a meter that finds no lab fails at once', async () => {
    const server = await serveSteps(new PowerSteps());
    await server.close();
    await expect(connectSteps(server.port, () => undefined)).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('parseFeedLine', () => {
  test('reads what feedLineText writes', () => {
    for (const line of [{ step: stepAt(1234.5678) }, { ask: 3 }, { answer: 3 }]) {
      expect(parseFeedLine(feedLineText(line))).toEqual(line);
    }
  });

  test.each(['', 'nonsense', '7', 'null', '{}', '{"step":{"at_s":1}}', '{"step":{"at_s":"1","cpu_W":0}}'])(
    'refuses %j',
    (text) => {
      expect(() => parseFeedLine(text)).toThrow(expect.objectContaining({ code: 'BUG' }));
    },
  );
});

describe('createLineCutter', () => {
  test('gives the same lines in any chunking', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]*$/)), fc.array(fc.nat(9)), (lines, cuts) => {
        const text = lines.map((line) => `${line}\n`).join('');
        const got: string[] = [];
        const take = createLineCutter((line) => got.push(line));
        let at = 0;
        for (const cut of cuts) {
          take(text.slice(at, at + cut));
          at += cut;
        }
        take(text.slice(at));
        expect(got).toEqual(lines);
      }),
    );
  });
});
