import { readFile } from 'node:fs/promises';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch } from '../../src/core/sample.ts';
import { MS_PER_S } from '../../src/core/units.ts';
import { commandOutput } from '../command-output.ts';
import type { CommandExit } from '../command-stream.ts';
import type { Probe, Sampler, StreamOptions } from '../sampler.ts';
import { exitText, lateProbe, type ToolLaunch, toolBatches, toolCommand } from '../tool-stream.ts';
import { domainOfMeter, placeOf, SOURCE } from './columns.ts';
import { createWindowsEnergyMeterParser } from './parser.ts';

const TOOL = 'typeperf';
/** Energy first: the parser tells translated names apart by this order. */
const COUNTERS = ['\\Energy Meter(*)\\Energy', '\\Energy Meter(*)\\Power'];
/** `-si` counts in whole seconds. */
const LEAST_s = 1;
const KERNEL = '/proc/sys/kernel/osrelease';
const NO_METER =
  'this machine shows no energy meter to Windows: most desktops do not; nvidia-smi or a wall meter sees more';

export interface WindowsMeterOptions {
  readonly launch?: ToolLaunch;
  /** The kernel's release, which tells WSL from Linux; null: not Linux. */
  readonly release?: () => Promise<string | null>;
}

/** Windows' own energy meters, counters of the processor's package among them; in WSL through Windows' typeperf.exe. */
export function createWindowsEnergyMeterSampler(options: WindowsMeterOptions = {}): Sampler {
  // With its ending it is found on Windows and, through WSL's interoperation, on its Linux.
  const { launch = { file: `${TOOL}.exe` }, release = kernelRelease } = options;
  const whole = placeOf('RAPL_Package0_PKG');
  return {
    id: SOURCE,
    title: 'Windows energy meters',
    privilege: 'none',
    probe: () => probe(launch, release),
    domains: () => (whole === null ? [] : [domainOfMeter(whole, 'counter')]),
    stream: (streamOptions) => stream(launch, streamOptions),
    createParser: createWindowsEnergyMeterParser,
  };
}

async function kernelRelease(): Promise<string | null> {
  try {
    return await readFile(KERNEL, 'utf8');
  } catch {
    // No such file: not Linux.
    return null;
  }
}

async function probe(launch: ToolLaunch, release: () => Promise<string | null>): Promise<Probe> {
  const isWsl = /microsoft|wsl/i.test((await release()) ?? '');
  const where = isWsl ? 'WSL, through Windows: ' : '';
  const answer = await commandOutput(toolCommand(launch, ['-q', 'Energy Meter']));
  if (answer.startError !== null) {
    const detail = isWsl
      ? `WSL, and Windows' ${TOOL}.exe cannot be started from it`
      : `${TOOL} is not on this machine's PATH`;
    const remedy = isWsl
      ? 'add C:\\Windows\\System32 to PATH and allow interop in /etc/wsl.conf, or run lmpower in Windows'
      : null;
    return { state: 'absent', detail, remedy };
  }
  if (/\\Energy Meter/i.test(answer.stdout)) {
    return { state: 'ready', detail: `${where}Windows has energy meters`, remedy: null };
  }
  if (answer.late) {
    const late = lateProbe(TOOL, `lmpower run --sampler ${SOURCE} waits longer for it`);
    return { ...late, detail: `${where}${late.detail}` };
  }
  return { state: 'absent', detail: `${where}${NO_METER}`, remedy: null };
}

function stream(launch: ToolLaunch, options: StreamOptions): AsyncIterable<Batch> {
  const interval_s = Math.max(LEAST_s, Math.round(options.interval_ms / MS_PER_S));
  const command = toolCommand(launch, [...COUNTERS, '-si', String(interval_s)]);
  const parser = createWindowsEnergyMeterParser();
  return toolBatches(command, { source: SOURCE, parser, refusal }, options);
}

function refusal(exit: CommandExit, said: string): LmpowerError {
  return new LmpowerError('SAMPLER_UNAVAILABLE', exitText(TOOL, exit, said), { remedy: NO_METER });
}
