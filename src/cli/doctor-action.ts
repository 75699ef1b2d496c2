import type { Composition } from '../../samplers/compose.ts';
import { meterRoads } from '../../samplers/powermetrics/roads.ts';
import type { Probe, Sampler } from '../../samplers/sampler.ts';
import type { BackendProbe } from '../backends/backend.ts';
import { BACKENDS, type BackendOptions, optionsFor } from '../backends/index.ts';
import { systemClock } from '../core/clock.ts';
import { isThisMachine } from '../core/this-machine.ts';
import { composed, probeInTime, samplersOf } from './choose-samplers.ts';
import { compositionLines } from './composition-lines.ts';
import type { CommandContext } from './context.ts';
import { INVENTED } from './invented.ts';
import { adviceOf, findLms } from './lms.ts';
import { safeText } from './text-table.ts';
import { wrapped } from './wrapped.ts';

interface Finding {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly detail: string;
  readonly remedy: string | null;
}

export interface Findings {
  readonly schemaVersion: 1;
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  /** A source and a server answer: lmpower run gives joules. */
  readonly ready: boolean;
  /** What is unusual about the rights that this program has; null: nothing. */
  readonly note: string | null;
  readonly privilege: readonly Finding[];
  readonly samplers: readonly Finding[];
  /** What `--sampler auto` makes of the sources that are ready. */
  readonly composition: Composition;
  readonly backends: readonly Finding[];
}

const QUICK_TIMEOUT_s = 3;

/** Probes everything side by side; takes as long as the slowest, and never throws. */
export async function examine(url: string | null, context: CommandContext): Promise<Findings> {
  const [privilege, sources, backends] = await Promise.all([
    Promise.all(
      meterRoads({ guard: context.elevation.guard }).map(async (road) => finding(road, await road.probe())),
    ),
    Promise.all(
      samplersOf(context.elevation).map(async (sampler) => ({ sampler, probe: await probeInTime(sampler) })),
    ),
    Promise.all(BACKENDS.map((factory) => probeBackend(factory, { url, servers: context.servers ?? {} }))),
  ]);
  const answering = sources.filter(isAnswering).map(({ sampler }) => sampler);
  const { composition } = await composed(answering);
  const ready = answering.length > 0 && backends.some((one) => one.state === 'ready');
  return {
    schemaVersion: 1,
    version: context.version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    ready,
    note: context.elevation.reason,
    privilege,
    samplers: sources.map(({ sampler, probe }) => finding(sampler, probe)),
    composition,
    backends,
  };
}

function isAnswering({ sampler, probe }: { readonly sampler: Sampler; readonly probe: Probe }): boolean {
  return probe.state === 'ready' && sampler.id !== INVENTED;
}

function finding(
  { id, title }: { readonly id: string; readonly title: string },
  { state, detail, remedy }: Probe,
): Finding {
  return { id, title, state, detail, remedy };
}

async function probeBackend(
  factory: (typeof BACKENDS)[number],
  places: Pick<BackendOptions, 'url' | 'servers'>,
): Promise<Finding> {
  const token = process.env['LM_API_TOKEN'] ?? null;
  const options = { ...places, token, clock: systemClock, timeout_s: QUICK_TIMEOUT_s };
  const backend = factory.create(optionsFor(factory.id, options));
  try {
    const { state, detail, remedy, version } = await explained(factory.id, places, await backend.probe());
    return {
      id: factory.id,
      title: factory.title,
      state,
      detail: version === null ? detail : `${detail} (${version})`,
      remedy,
    };
  } finally {
    await backend.close();
  }
}

/** LM Studio's own command line knows why its server does not answer. */
async function explained(
  id: string,
  { servers, url }: Pick<BackendOptions, 'url' | 'servers'>,
  probe: BackendProbe,
): Promise<BackendProbe> {
  const isElsewhere = url !== null || !isThisMachine(servers?.['lmstudio']?.host ?? 'localhost');
  if (id !== 'lmstudio' || isElsewhere || probe.state !== 'unreachable') return probe;
  const lms = await findLms();
  const advice = lms === null ? null : adviceOf(await lms.state());
  if (advice === null) return probe;
  return { ...probe, detail: `${probe.detail}; ${advice.detail}`, remedy: advice.remedy };
}

export function findingLines(findings: Findings, width: number): string[] {
  return [
    `lmpower ${findings.version} · Node ${findings.node} · ${findings.platform}`,
    ...(findings.note === null ? [] : wrapped(`${findings.note}.`, width)),
    ...section('Power sources', findings.samplers, width),
    ...togetherLines(findings.composition, width),
    ...section('Ways of reading powermetrics', findings.privilege, width),
    ...section('Servers', findings.backends, width),
    '',
    findings.ready
      ? 'Ready: lmpower run gives joules.'
      : 'Not ready for lmpower run with joules. lmpower demo works anywhere.',
  ];
}

function section(title: string, findings: readonly Finding[], width: number): string[] {
  return [
    '',
    title,
    ...findings.flatMap((one) => [
      ...wrapped(`  ${MARKS[one.state] ?? '✗'} ${one.id}: ${one.state}: ${safeText(one.detail)}`, width),
      ...(one.remedy === null ? [] : wrapped(`    → ${safeText(one.remedy)}`, width)),
    ]),
  ];
}

/** Said where there is something to choose between. */
function togetherLines(composition: Composition, width: number): string[] {
  if (composition.kept.length + composition.leftOut.length < 2) return [];
  return ['', 'Together (--sampler auto)', ...compositionLines(composition, width)];
}

/** Never colour alone: the word stands beside the mark. */
const MARKS: Readonly<Record<string, string>> = { ready: '✓', 'needs-permission': '!', 'no-model': '!' };
