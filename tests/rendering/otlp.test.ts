import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { RunDocument } from '../../src/core/result.ts';
import { MS_PER_S } from '../../src/core/units.ts';
import { sendOtlp } from '../../src/rendering/otlp.ts';
import { otlpPoints } from '../../src/rendering/otlp-points.ts';
import { documentOf } from '../support/documents.ts';
import { plainSession } from '../support/plain-session.ts';

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Point {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble: number;
}

interface Instrument {
  readonly name: string;
  readonly unit: string;
  readonly gauge: { readonly dataPoints: readonly Point[] };
}

/** As the OTLP specification has the JSON of metrics, where the tests look. */
interface Body {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly Instrument[] }[];
  }[];
}

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  vi.unstubAllEnvs();
});

/** A receiver that answers as told, and what it was sent. */
async function receiver(status = 200, answer = '{}'): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1/metrics`, received };
}

function attributesOf(list: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function instrumentsOf(received: readonly Received[]): Instrument[] {
  return received
    .flatMap(({ body }) => body.resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics);
}

/** Points of one instrument over all requests. */
function pointsOf(received: readonly Received[], name: string) {
  return instrumentsOf(received)
    .filter((one) => one.name === name)
    .flatMap(({ gauge, unit }) =>
      gauge.dataPoints.map((point) => ({ ...point, unit, attributes: attributesOf(point.attributes) })),
    );
}

const document = documentOf();
const trial = document.trials[0];
const soc = trial?.energy.find(({ domain }) => domain === 'soc');

describe('sendOtlp', () => {
  test('sends each figure of the document once, with unit, model, domain, scope, phase, run and grade', async () => {
    const { received, url } = await receiver();
    const { points, warnings } = await sendOtlp(document, url);
    expect(warnings).toEqual([]);
    expect(points).toBe([...otlpPoints(document)].length);
    expect(received).toHaveLength(1);
    expect(received[0]?.path).toBe('/v1/metrics');
    expect(received[0]?.headers['content-type']).toBe('application/json');
    const net = pointsOf(received, 'lmpower.request.energy_per_token').find(
      ({ attributes }) =>
        attributes['lmpower.domain'] === 'soc' && attributes['lmpower.energy.basis'] === 'net',
    );
    expect(net).toMatchObject({
      unit: 'J/{token}',
      asDouble: soc?.net_JPerTok,
      attributes: {
        'gen_ai.request.model': trial?.model,
        'lmpower.scope': soc?.scope,
        'lmpower.phase': 'inference',
        'lmpower.run.id': document.run.id,
        'lmpower.grade': soc?.grade,
      },
    });
    expect(pointsOf(received, 'lmpower.request.efficiency')[0]).toMatchObject({ unit: '{token}/s/W' });
    expect(pointsOf(received, 'lmpower.phase.power')[0]).toMatchObject({ unit: 'W' });
    expect(instrumentsOf(received).flatMap(({ gauge }) => gauge.dataPoints)).toHaveLength(points);
  });

  test('stamps points with the times of the recording, not with that of sending', async () => {
    const { received, url } = await receiver();
    await sendOtlp(document, url);
    const origin_ms = Date.parse(document.run.startedAt);
    const wall_s = (nanoseconds: string): number => (Number(nanoseconds) / 1e6 - origin_ms) / MS_PER_S;
    const baseline = pointsOf(received, 'lmpower.phase.energy').find(
      ({ attributes }) => attributes['lmpower.phase'] === 'baseline',
    );
    const phase = trial?.phases.find(({ kind }) => kind === 'baseline');
    expect(wall_s(baseline?.startTimeUnixNano ?? '')).toBeCloseTo(phase?.start_s ?? Number.NaN, 3);
    expect(wall_s(baseline?.timeUnixNano ?? '')).toBeCloseTo(phase?.end_s ?? Number.NaN, 3);
  });

  test('names tool, machine and method as the resource', async () => {
    const { received, url } = await receiver();
    await sendOtlp(document, url);
    const [sent] = received[0]?.body.resourceMetrics ?? [];
    expect(attributesOf(sent?.resource.attributes ?? [])).toMatchObject({
      'service.name': 'lmpower',
      'service.version': document.tool.version,
      'lmpower.method.version': document.tool.methodVersion,
    });
  });

  test('takes headers from the environment, as OpenTelemetry has it', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer%20abc');
    const { received, url } = await receiver();
    await sendOtlp(document, url);
    expect(received[0]?.headers.authorization).toBe('Bearer abc');
  });

  test('sends many points in several requests', async () => {
    const { received, url } = await receiver();
    const many: RunDocument = { ...document, trials: Array.from({ length: 400 }, () => trial ?? never()) };
    const { points } = await sendOtlp(many, url);
    expect(points).toBeGreaterThan(5000);
    expect(received).toHaveLength(Math.ceil(points / 5000));
  });

  test('tells what a receiver refused of it', async () => {
    const { url } = await receiver(
      200,
      JSON.stringify({ partialSuccess: { rejectedDataPoints: 3, errorMessage: 'too old' } }),
    );
    const { warnings } = await sendOtlp(document, url);
    expect(warnings.join()).toContain('too old');
  });

  test.each([400, 401, 404])('fails where the receiver answers %i', async (status) => {
    const { url } = await receiver(status, '{}');
    await expect(sendOtlp(document, url)).rejects.toMatchObject({ code: 'RECEIVER_FAILED', exitCode: 3 });
  });

  test('fails where nobody listens', async () => {
    const sending = sendOtlp(document, 'http://127.0.0.1:1/v1/metrics', { timeout_ms: 300 });
    await expect(sending).rejects.toMatchObject({
      code: 'RECEIVER_FAILED',
      message: expect.stringContaining('http://127.0.0.1:1/v1/metrics'),
    });
  });

  test.each(['', 'localhost:4318', 'ftp://somewhere/', 'grpc://localhost:4317'])(
    'refuses %j as an address',
    async (url) => {
      await expect(sendOtlp(document, url)).rejects.toMatchObject({ code: 'USAGE' });
    },
  );
});

describe('otlpPoints', () => {
  test('has no point for what is not known', () => {
    const points = [...otlpPoints(analyze(plainSession({ series: [] })))];
    expect(points).toEqual([]);
  });

  test('of a simulated run says so on each', () => {
    for (const { attributes } of otlpPoints({ ...document, simulated: true }))
      expect(attributes['lmpower.simulated']).toBe(true);
  });

  test('of an imported run names the program on each', () => {
    const environment = { ...document.environment, imported: { program: 'classic-json', file: 'x.json' } };
    for (const { attributes } of otlpPoints({ ...document, environment }))
      expect(attributes['lmpower.imported']).toBe('classic-json');
  });

  test('tells apart all points of one instrument by their attributes or their window', () => {
    const keys = [...otlpPoints(document)].map(({ attributes, end_s, instrument, start_s }) =>
      JSON.stringify([instrument.name, attributes, start_s, end_s]),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

function never(): never {
  throw new Error('the document has a trial');
}
