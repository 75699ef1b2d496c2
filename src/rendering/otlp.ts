import type { HrTime } from '@opentelemetry/api';
import type { GaugeMetricData, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { LmpowerError } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';
import { MS_PER_S, NS_PER_S, type Seconds } from '../core/units.ts';
import { type OtlpPoint, otlpPoints } from './otlp-points.ts';

export interface OtlpOptions {
  /** How long a request may take, repetitions included; 10,000 unless given. */
  readonly timeout_ms?: number;
}

/** What became of the points. */
export interface OtlpSent {
  readonly points: number;
  /** What the receiver had to say of them, such as that it refused some. */
  readonly warnings: readonly string[];
}

const TIMEOUT_MS = 10_000;
/** Points a request; receivers limit its size to a few megabytes. */
const REQUEST_POINTS = 5000;

/**
 * Sends the figures of a run to a receiver of OTLP over HTTP, each with the times of the window that it is of. Headers
 * and certificates come from OTEL_EXPORTER_OTLP_*, as OpenTelemetry defines them. @throws {LmpowerError} USAGE,
 * PACKAGE_MISSING, RECEIVER_FAILED
 */
export async function sendOtlp(
  document: RunDocument,
  url: string,
  { timeout_ms = TIMEOUT_MS }: OtlpOptions = {},
): Promise<OtlpSent> {
  checkUrl(url);
  const packages = await loadPackages();
  const warnings: string[] = [];
  packages.api.diag.setLogger(listener(warnings), packages.api.DiagLogLevel.WARN);
  const exporter = new packages.exporter.OTLPMetricExporter({ url, timeoutMillis: timeout_ms });
  const points = [...otlpPoints(document)];
  try {
    for (let from = 0; from < points.length; from += REQUEST_POINTS)
      await push(exporter, requestOf(document, points.slice(from, from + REQUEST_POINTS), packages), url);
  } finally {
    await exporter.shutdown();
    packages.api.diag.disable();
  }
  return { points: points.length, warnings };
}

type Packages = Awaited<ReturnType<typeof loadPackages>>;

/** Optional for whoever installs lmpower. */
async function loadPackages() {
  try {
    const [api, sdk, resources, exporter] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
    ]);
    return { api, sdk, resources, exporter };
  } catch (cause) {
    throw new LmpowerError(
      'PACKAGE_MISSING',
      'OTLP needs the packages of OpenTelemetry, which are not here.',
      {
        remedy:
          'npm install @opentelemetry/api @opentelemetry/sdk-metrics @opentelemetry/resources @opentelemetry/exporter-metrics-otlp-http',
        cause,
      },
    );
  }
}

function checkUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return;
  throw new LmpowerError('USAGE', `--url takes the http address of a receiver, not '${url}'.`, {
    remedy: 'for example: --url http://localhost:4318/v1/metrics',
  });
}

function push(exporter: PushMetricExporter, request: ResourceMetrics, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    exporter.export(request, ({ code, error }) => {
      if (code === 0) resolve();
      else reject(receiverFailed(url, error));
    });
  });
}

function receiverFailed(url: string, cause: Error | undefined): LmpowerError {
  const why = cause === undefined || cause.message === '' ? 'it did not take the points' : cause.message;
  return new LmpowerError('RECEIVER_FAILED', `${url}: ${why}.`, { cause });
}

function requestOf(
  document: RunDocument,
  points: readonly OtlpPoint[],
  { api, resources, sdk }: Packages,
): ResourceMetrics {
  const origin_s = Date.parse(document.run.startedAt) / MS_PER_S;
  const metrics = [...new Set(points.map(({ instrument }) => instrument))].map(
    (instrument): GaugeMetricData => ({
      descriptor: { ...instrument, valueType: api.ValueType.DOUBLE },
      aggregationTemporality: sdk.AggregationTemporality.CUMULATIVE,
      dataPointType: sdk.DataPointType.GAUGE,
      dataPoints: points
        .filter((point) => point.instrument === instrument)
        .map(({ attributes, end_s, start_s, value }) => ({
          startTime: hrTime(origin_s + start_s),
          endTime: hrTime(origin_s + end_s),
          attributes,
          value,
        })),
    }),
  );
  const { name, version } = document.tool;
  return {
    resource: resources.resourceFromAttributes(resourceAttributes(document)),
    scopeMetrics: [{ scope: { name, version }, metrics }],
  };
}

/** Source: OpenTelemetry's conventions for resources. */
function resourceAttributes({ environment, tool }: RunDocument): Record<string, string | number> {
  return {
    'service.name': tool.name,
    'service.version': tool.version,
    'os.description': environment.os,
    ...(environment.chip === null ? {} : { 'host.cpu.model.name': environment.chip }),
    ...(environment.machine === null ? {} : { 'lmpower.machine': environment.machine }),
    'lmpower.method.version': tool.methodVersion,
  };
}

/** Whole seconds and nanoseconds since 1970. */
function hrTime(at_s: Seconds): HrTime {
  const whole_s = Math.floor(at_s);
  return [whole_s, Math.min(NS_PER_S - 1, Math.round((at_s - whole_s) * NS_PER_S))];
}

interface Listener {
  readonly error: (...words: unknown[]) => void;
  readonly warn: (...words: unknown[]) => void;
  readonly info: () => void;
  readonly debug: () => void;
  readonly verbose: () => void;
}

/** The exporter tells of points that were refused here and nowhere else. */
function listener(heard: string[]): Listener {
  const quiet = (): void => undefined;
  const hear = (...words: unknown[]): void => {
    heard.push(words.map(String).join(' '));
  };
  return { error: hear, warn: hear, info: quiet, debug: quiet, verbose: quiet };
}
