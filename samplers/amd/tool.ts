import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { Batch, Domain } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { type CommandOutput, commandOutput } from '../command-output.ts';
import type { Command } from '../command-stream.ts';
import { anyBoard } from '../gpu/account.ts';
import type { GpuSource } from '../gpu/reading.ts';
import type { Probe } from '../sampler.ts';
import { exitProbe, lateProbe, startProbe, toolRefusal } from '../tool-stream.ts';
import { amdReading } from './fields.ts';
import { createAmdParser } from './parser.ts';

export interface AmdTool {
  readonly tool: string;
  readonly source: GpuSource;
  readonly install: string;
}

const DRIVER =
  'load the driver (sudo modprobe amdgpu) and join the groups: sudo usermod -aG render,video "$USER"';

/** Below the two seconds that a probe has. */
const PROBE_LIMIT_s = 1.5;

export interface AskOptions {
  readonly limit_s: Seconds;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export interface AmdAnswer {
  /** The last command that was tried: the one that named a board, if any did. */
  readonly command: Command;
  readonly output: CommandOutput;
  readonly batches: readonly Batch[];
  readonly hasBoard: boolean;
}

/** Tries the commands in order until one names a board: guests and older versions refuse some of the flags. */
export async function askAmd(
  source: GpuSource,
  commands: readonly [Command, ...Command[]],
  { limit_s, clock, signal }: AskOptions,
): Promise<AmdAnswer> {
  const until_s = clock.now_s() + limit_s;
  const [first, ...others] = commands;
  let answer = await ask(source, first, { limit_s, clock, ...(signal && { signal }) });
  for (const command of others) {
    const { output } = answer;
    const left_s = until_s - clock.now_s();
    if (answer.hasBoard || output.late || output.startError !== null || left_s <= 0) break;
    answer = await ask(source, command, { limit_s: left_s, clock, ...(signal && { signal }) });
  }
  return answer;
}

async function ask(source: GpuSource, command: Command, options: AskOptions): Promise<AmdAnswer> {
  const output = await commandOutput(command, options);
  const batches = parseAll(source, output.stdout);
  return { command, output, batches, hasBoard: batches.some((batch) => batch.domains !== undefined) };
}

/** Boards and what they state, or why not. Never throws, within two seconds. */
export async function probeAmd(
  { tool, source, install }: AmdTool,
  commands: readonly [Command, ...Command[]],
): Promise<Probe> {
  const { output, batches } = await askAmd(source, commands, { limit_s: PROBE_LIMIT_s, clock: systemClock });
  if (output.startError !== null) return startProbe(tool, output.startError, install);
  const domains = batches.flatMap((batch) => batch.domains ?? []);
  if (domains.length > 0) {
    const boards = domains.map((domain) => `${domain.id}, ${domain.scope}`).join('; ');
    return { state: 'ready', detail: boards, remedy: null };
  }
  if (output.late) return lateProbe(tool);
  const said = batches.flatMap((batch) => batch.events).map((event) => event.detail);
  if (output.code === 0 && said.length > 0)
    return { state: 'absent', detail: said.join('; '), remedy: DRIVER };
  return exitProbe(tool, output, { said: said.join('; '), remedy: DRIVER });
}

/** Why the tool ended without a reading. */
export function amdRefusal(tool: string, install: string) {
  return toolRefusal({ tool, install, remedy: () => DRIVER });
}

/** What a source can give, before it is asked. */
export function amdDomains(source: GpuSource): readonly Domain[] {
  return anyBoard(source, amdReading(0, new Map([['socket_power', '0']])));
}

function parseAll(source: GpuSource, text: string): Batch[] {
  const parser = createAmdParser(source);
  return [...parser.push(Buffer.from(text), 0), ...parser.end(0)];
}
