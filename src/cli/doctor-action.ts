import type { Composition } from '../../samplers/compose.ts';
import { meterRoads } from '../../samplers/powermetrics/roads.ts';
import type { Probe, Sampler } from '../../samplers/sampler.ts';
import { BACKENDS } from '../backends/index.ts';
import { systemClock } from '../core/clock.ts';
import { composed, samplersOf } from './choose-samplers.ts';
import type { CommandContext } from './context.ts';
import { INVENTED } from './invented.ts';
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
      samplersOf(context.elevation).map(async (sampler) => ({ sampler, probe: await sampler.probe() })),
    ),
    Promise.all(BACKENDS.map((factory) => probeBackend(factory, url))),
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

async function probeBackend(factory: (typeof BACKENDS)[number], url: string | null): Promise<Finding> {
  const backend = factory.create({
    url,
    token: process.env['LM_API_TOKEN'] ?? null,
    clock: systemClock,
    timeout_s: QUICK_TIMEOUT_s,
  });
  try {
    const { state, detail, remedy, version } = await backend.probe();
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

export function findingLines(findings: Findings, width: number): string[] {
  return [
    `lmpower ${findings.version} · Node ${findings.node} · ${findings.platform}`,
    ...(findings.note === null ? [] : wrapped(`${findings.note}.`, width)),
    ...section('Power sources', findings.samplers, width),
    ...compositionLines(findings.composition, width),
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
function compositionLines({ kept, leftOut }: Composition, width: number): string[] {
  if (kept.length + leftOut.length < 2) return [];
  const line = (mark: string, one: Composition['kept'][number]): string[] =>
    wrapped(`  ${mark} ${one.id}: ${safeText(one.reason)}`, width);
  return [
    '',
    'Together (--sampler auto)',
    ...kept.flatMap((one) => line('+', one)),
    ...leftOut.flatMap((one) => line('– left out', one)),
  ];
}

/** Never colour alone: the word stands beside the mark. */
const MARKS: Readonly<Record<string, string>> = { ready: '✓', 'needs-permission': '!', 'no-model': '!' };
