import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { type CommandOutput, commandOutput } from '../command-output.ts';
import { anyBoard } from '../gpu/account.ts';
import type { Probe, Sampler, StreamOptions } from '../sampler.ts';
import {
  exitProbe,
  lateProbe,
  startProbe,
  type ToolLaunch,
  toolBatches,
  toolCommand,
  toolRefusal,
} from '../tool-stream.ts';
import { DEFAULT_FIELDS, fieldsOfHelp, fieldsWithout, refusedField } from './fields.ts';
import { createNvidiaSmiParser } from './parser.ts';
import { readingOf } from './rows.ts';
import { NVIDIA, SOURCE } from './source.ts';
import { troubleOf } from './words.ts';

const FORMAT = '--format=csv,nounits';
/** Without persistence the driver starts anew for each process, seconds a board. Source: netdata #14522. */
const START_MOST_s: Seconds = 20;
const TRIALS_MOST = 20;
const PERSIST = 'without persistence it answers late: sudo nvidia-smi -pm 1';
const INSTALL = 'install the NVIDIA driver, which brings nvidia-smi; in WSL it lies in /usr/lib/wsl/lib';

/** NVIDIA boards through one long-lived nvidia-smi: started once, before the baseline, so that its own power cancels. */
export function createNvidiaSmiSampler(launch: ToolLaunch = { file: SOURCE }): Sampler {
  return {
    id: SOURCE,
    title: 'NVIDIA nvidia-smi',
    privilege: 'none',
    probe: () => probe(launch),
    domains: () => anyBoard(NVIDIA, readingOf(SOME_ROW)),
    stream: (options) => stream(launch, options),
    createParser: () => createNvidiaSmiParser(),
  };
}

const SOME_ROW = new Map([
  ['index', '0'],
  ['power.draw.instant', '0'],
]);

async function probe(launch: ToolLaunch): Promise<Probe> {
  const fields = ['index', 'name', 'driver_version', 'power.draw'];
  const answer = await commandOutput(queryCommand(launch, fields));
  if (answer.startError !== null) return startProbe(SOURCE, answer.startError, INSTALL);
  const batches = parseAll(answer.stdout, fields);
  const said = wordsOf(batches);
  const domains = batches.flatMap((batch) => batch.domains ?? []);
  if (domains.length > 0) {
    // Boards that state no power are named; one that does is enough.
    const boards = domains.map((domain) => `${domain.id} ${domain.label}`).join(', ');
    return { state: 'ready', detail: said === '' ? boards : `${boards}; ${said}`, remedy: null };
  }
  const text = firstWords(answer);
  const trouble = troubleOf(text);
  if (trouble !== null) return { state: 'broken', detail: text, remedy: trouble.remedy };
  if (answer.late) return lateProbe(SOURCE, PERSIST);
  if (answer.code !== 0) return exitProbe(SOURCE, answer, { said: text, remedy: SOURCE });
  return { state: 'absent', detail: said || 'nvidia-smi printed no board', remedy: 'lmpower doctor' };
}

function parseAll(stdout: string, fields: readonly string[]): Batch[] {
  const parser = createNvidiaSmiParser(fields);
  return [...parser.push(Buffer.from(stdout), 0), ...parser.end(0)];
}

async function* stream(launch: ToolLaunch, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const fields = await fieldsFor(launch, options);
  if (fields === null) return;
  const args = [...queryArgs(fields), '-lms', String(Math.max(1, Math.round(options.interval_ms)))];
  const parser = createNvidiaSmiParser(fields);
  yield* toolBatches(toolCommand(launch, args), { source: SOURCE, parser, refusal }, options);
}

/**
 * The fields that this driver answers: those its help lists, less those that one trial query refuses. Null: aborted.
 * @throws {LmpowerError} SAMPLER_UNAVAILABLE
 */
async function fieldsFor(
  launch: ToolLaunch,
  { signal, clock }: StreamOptions,
): Promise<readonly string[] | null> {
  const limits = { limit_s: START_MOST_s, clock, signal };
  const help = await commandOutput(toolCommand(launch, ['--help-query-gpu']), limits);
  if (help.startError !== null) throw refusal(help, '');
  let fields: readonly string[] = help.code === 0 ? fieldsOfHelp(help.stdout) : DEFAULT_FIELDS;
  for (let trial = 0; trial < TRIALS_MOST && !signal.aborted; trial++) {
    const answer = await commandOutput(queryCommand(launch, fields), limits);
    if (signal.aborted) break;
    const refused = refusedField(answer.stdout) ?? refusedField(answer.stderr);
    if (refused === null) {
      // One lost board makes the exit code that of a failure, and the others are read all the same.
      const batches = parseAll(answer.stdout, fields);
      if (batches.some((batch) => batch.domains !== undefined)) return fields;
      const said = wordsOf(batches);
      throw answer.code === 0 && said !== ''
        ? new LmpowerError('SAMPLER_UNAVAILABLE', `${SOURCE}: ${said}`)
        : refusal(answer, said);
    }
    const left = fieldsWithout(fields, refused);
    if (left === null) throw refusal(answer, firstWords(answer));
    fields = left;
  }
  return signal.aborted ? null : fields;
}

function wordsOf(batches: readonly Batch[]): string {
  return batches
    .flatMap((batch) => batch.events)
    .map((event) => event.detail)
    .join('; ');
}

const refusal = toolRefusal({
  tool: SOURCE,
  install: INSTALL,
  remedy: (message) => troubleOf(message)?.remedy,
});

function queryCommand(launch: ToolLaunch, fields: readonly string[]) {
  return toolCommand(launch, queryArgs(fields));
}

function queryArgs(fields: readonly string[]): string[] {
  return [`--query-gpu=${fields.join(',')}`, FORMAT];
}

/** The first line that is not empty, of either output. */
function firstWords({ stdout, stderr }: CommandOutput): string {
  return (
    `${stdout}\n${stderr}`
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}
