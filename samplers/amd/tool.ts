import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch, Domain } from '../../src/core/sample.ts';
import { commandOutput } from '../command-output.ts';
import type { Command, CommandExit } from '../command-stream.ts';
import { anyBoard } from '../gpu/account.ts';
import type { GpuSource } from '../gpu/reading.ts';
import type { Probe } from '../sampler.ts';
import { exitText, startProbe } from '../tool-stream.ts';
import { amdReading } from './fields.ts';
import { createAmdParser } from './parser.ts';

export interface AmdTool {
  readonly tool: string;
  readonly source: GpuSource;
  readonly install: string;
}

const DRIVER =
  'load the driver (sudo modprobe amdgpu) and join the groups: sudo usermod -aG render,video "$USER"';

/** Asks once: boards and what they state, or why not. Never throws, within two seconds. */
export async function probeAmd({ tool, source, install }: AmdTool, command: Command): Promise<Probe> {
  const answer = await commandOutput(command);
  if (answer.startError !== null) return startProbe(tool, answer.startError, install);
  const batches = parseAll(source, answer.stdout);
  const domains = batches.flatMap((batch) => batch.domains ?? []);
  if (domains.length > 0) {
    const boards = domains.map((domain) => `${domain.id}, ${domain.scope}`).join('; ');
    return { state: 'ready', detail: boards, remedy: null };
  }
  if (answer.late)
    return { state: 'ready', detail: `${tool} is there and had not answered yet`, remedy: null };
  const said = batches.flatMap((batch) => batch.events).map((event) => event.detail);
  if (answer.code === 0 && said.length > 0)
    return { state: 'absent', detail: said.join('; '), remedy: DRIVER };
  return { state: 'broken', detail: exitText(tool, answer, said.join('; ')), remedy: DRIVER };
}

/** Why the tool ended without a reading. */
export function amdRefusal(tool: string, install: string) {
  return (exit: CommandExit, said: string): LmpowerError =>
    new LmpowerError('SAMPLER_UNAVAILABLE', exitText(tool, exit, said), {
      remedy: exit.startError === null ? DRIVER : install,
    });
}

/** What a source can give, before it is asked. */
export function amdDomains(source: GpuSource): readonly Domain[] {
  return anyBoard(source, amdReading(0, new Map([['socket_power', '0']])));
}

function parseAll(source: GpuSource, text: string): Batch[] {
  const parser = createAmdParser(source);
  return [...parser.push(Buffer.from(text), 0), ...parser.end(0)];
}
