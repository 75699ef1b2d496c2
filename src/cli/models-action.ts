import { detectBackend } from '../backends/index.ts';
import { systemClock } from '../core/clock.ts';
import type { Model } from '../core/run.ts';
import { B_PER_GB } from '../core/units.ts';
import { selectModels } from '../orchestrator/model-filter.ts';
import { type ModelCount, type ModelStats, modelStats } from '../orchestrator/model-stats.ts';
import type { CommandContext } from './context.ts';
import { type ModelFilterFlags, modelFilterOf } from './model-filter-flags.ts';
import { writeJson, writeOut } from './output.ts';
import { screenWidth } from './terminal.ts';
import { type Column, textTable } from './text-table.ts';

/** Flags of `lmpower models` as commander hands them over. */
export interface ModelsFlags extends ModelFilterFlags {
  readonly backend: string;
  readonly url?: string;
  readonly token?: string;
  readonly timeout: number;
  readonly stats?: true;
  readonly json?: true;
}

const ALL_TYPES = ['llm', 'embedding'] as const;

/** Prints those of the server's models that were asked for. @throws {LmpowerError} USAGE, BACKEND_* */
export async function models(flags: ModelsFlags, context: CommandContext): Promise<void> {
  const filter = { types: ALL_TYPES, ...modelFilterOf(flags) };
  const all = await listModels(flags, context);
  const chosen = selectModels(all, filter);
  const stats = flags.stats === true ? modelStats(chosen) : null;
  if (flags.json === true)
    return writeJson({ schemaVersion: 1, models: chosen, ...(stats === null ? {} : { stats }) });
  const lines = stats === null ? listOf(chosen, all.length) : statsLines(stats);
  await writeOut(`${lines.join('\n')}\n`);
}

async function listModels(flags: ModelsFlags, { servers }: CommandContext): Promise<Model[]> {
  const backend = await detectBackend(flags.backend, {
    url: flags.url ?? null,
    token: flags.token ?? process.env['LM_API_TOKEN'] ?? null,
    clock: systemClock,
    timeout_s: flags.timeout,
    servers: servers ?? {},
  });
  try {
    return await backend.models();
  } finally {
    await backend.close();
  }
}

function listOf(chosen: readonly Model[], of: number): string[] {
  if (of === 0) return ['The server has no models.'];
  if (chosen.length === 0)
    return [`None of the ${of} models of the server is meant; lmpower models lists them.`];
  return textTable(chosen, COLUMNS, screenWidth());
}

const COLUMNS: readonly Column<Model>[] = [
  { heading: 'model', align: 'left', expendable: 0, cell: (m) => m.key },
  { heading: 'quant', align: 'left', expendable: 0, cell: (m) => m.quantization ?? '–' },
  { heading: 'bits', align: 'right', expendable: 9, cell: ({ bitsPerWeight }) => bitsText(bitsPerWeight) },
  { heading: 'params', align: 'right', expendable: 2, cell: (m) => m.params ?? '–' },
  { heading: 'GB', align: 'right', expendable: 1, cell: ({ size_B }) => sizeText(size_B) },
  { heading: 'context', align: 'right', expendable: 3, cell: (m) => String(m.maxContext_tok ?? '–') },
  { heading: 'arch', align: 'left', expendable: 5, cell: (m) => m.architecture ?? '–' },
  { heading: 'format', align: 'left', expendable: 6, cell: (m) => m.format ?? '–' },
  { heading: 'can', align: 'left', expendable: 7, cell: abilitiesOf },
  { heading: 'publisher', align: 'left', expendable: 8, cell: (m) => m.publisher ?? '–' },
  { heading: 'variants', align: 'right', expendable: 10, cell: (m) => countText(m.variants.length) },
  { heading: 'name', align: 'left', expendable: 11, cell: (m) => m.displayName },
  { heading: 'state', align: 'left', expendable: 0, cell: stateOf },
];

function sizeText(size_B: number | null): string {
  return size_B === null ? '–' : (size_B / B_PER_GB).toFixed(1);
}

/** What some servers give is no whole number: the file's bits by its weights. */
function bitsText(bitsPerWeight: number | null): string {
  return bitsPerWeight === null ? '–' : String(Number(bitsPerWeight.toFixed(1)));
}

function countText(count: number): string {
  return count === 0 ? '–' : String(count);
}

function abilitiesOf({ toolUse, type, vision }: Model): string {
  const words = [
    ...(type === 'embedding' ? ['embed'] : []),
    ...(vision === true ? ['vision'] : []),
    ...(toolUse === true ? ['tools'] : []),
  ];
  return words.length === 0 ? '–' : words.join(', ');
}

function stateOf({ loaded, remote }: Model): string {
  if (remote) return 'on another machine';
  return loaded.length > 0 ? 'loaded' : '';
}

function statsLines(stats: ModelStats): string[] {
  const { loaded, models, remote } = stats;
  const elsewhere = remote === 0 ? '' : `, ${remote} on another machine`;
  const total = stats.size_B === null ? '' : `, ${sizeText(stats.size_B)} GB`;
  return [
    `${models} models${total}, ${loaded} loaded${elsewhere}`,
    ...tableOf('quant', stats.byQuantization),
    ...tableOf('arch', stats.byArchitecture),
    ...tableOf('format', stats.byFormat),
    ...tableOf('type', stats.byType),
  ];
}

function tableOf(heading: string, counts: readonly ModelCount[]): string[] {
  if (counts.length === 0) return [];
  const columns: Column<ModelCount>[] = [
    { heading, align: 'left', expendable: 0, cell: ({ value }) => value ?? 'not stated' },
    { heading: 'models', align: 'right', expendable: 0, cell: ({ models }) => String(models) },
    { heading: 'GB', align: 'right', expendable: 0, cell: ({ size_B }) => sizeText(size_B) },
  ];
  return ['', ...textTable(counts, columns, screenWidth())];
}
