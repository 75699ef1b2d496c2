/** The stand-in nvidia-smi: `node stand-in-nvidia-smi-program.js <feed port> <lab JSON> <arguments of nvidia-smi>`. */
import { PERCENT_PER_RATIO, S_PER_MS, type Seconds } from '../core/units.ts';
import { createGpuSensors, GPU_LIMIT_W, type GpuSensors } from './stand-in-gpu.ts';
import { runAsProgram, type StandInTool, writeTick, writeTicks } from './stand-in-tool.ts';

/** Exit code for an argument that it refuses. Source: nvidia-smi(1), return value 2. */
const WRONG_USAGE = 2;

interface Field {
  readonly unit?: string;
  readonly text: (sensors: GpuSensors, at_s: Seconds) => string;
}

const UUID = 'GPU-00000000-1ab0-4000-8000-000000000001';
const fixed = (text: string): Field => ({ text: () => text });

/** What a driver of the 550 line answers for one board. */
const FIELDS: Readonly<Record<string, Field>> = {
  count: fixed('1'),
  index: fixed('0'),
  uuid: fixed(UUID),
  name: fixed('NVIDIA Lab Board'),
  driver_version: fixed('550.54.14'),
  compute_cap: fixed('8.9'),
  'power.draw': { unit: 'W', text: (sensors, at_s) => sensors.average_W(at_s).toFixed(2) },
  'power.draw.average': { unit: 'W', text: (sensors, at_s) => sensors.average_W(at_s).toFixed(2) },
  'power.draw.instant': { unit: 'W', text: (sensors, at_s) => sensors.instant_W(at_s).toFixed(2) },
  'power.limit': { unit: 'W', text: () => GPU_LIMIT_W.toFixed(2) },
  'utilization.gpu': {
    unit: '%',
    text: (sensors, at_s) => (sensors.loadRatio(at_s) * PERCENT_PER_RATIO).toFixed(0),
  },
  'memory.used': { unit: 'MiB', text: () => '6144' },
  'temperature.gpu': fixed('52'),
  'clocks.sm': { unit: 'MHz', text: () => '2520' },
  'clocks_event_reasons.active': fixed('0x0000000000000000'),
  'mig.mode.current': fixed('[N/A]'),
};

/** Ends by itself after one table; with `-lms` when its reader or the lab is gone. Returns the exit code. */
export async function standInNvidiaSmi(tool: StandInTool): Promise<number> {
  if (tool.flags.includes('--help-query-gpu')) return write(tool, helpText(), 0);
  const names = (flagValue(tool.flags, '--query-gpu') ?? '').split(',');
  const unknown = names.find((name) => name !== 'timestamp' && FIELDS[name] === undefined);
  if (unknown !== undefined) {
    return write(tool, `Field "${unknown}" is not a valid field to query.\n\n`, WRONG_USAGE);
  }
  const format = (flagValue(tool.flags, '--format') ?? 'csv').split(',');
  const sensors = createGpuSensors(tool.physics, tool.origin_s);
  if (!format.includes('noheader')) await write(tool, headerText(names), 0);
  const row = (at_s: Seconds): string =>
    rowText(names, { sensors, at_s, at: tool.clock.wallAt(), units: !format.includes('nounits') });
  const loop = tool.flags.indexOf('-lms');
  if (loop < 0) await writeTick(tool, tool.clock.now_s(), row);
  else await writeTicks(tool, Number(tool.flags[loop + 1]) * S_PER_MS, row);
  return 0;
}

async function write(tool: StandInTool, text: string, code: number): Promise<number> {
  await writeTick(tool, tool.clock.now_s(), () => text);
  return code;
}

function helpText(): string {
  return ['timestamp', ...Object.keys(FIELDS)]
    .map((name) => `"${name}"\nA field of the lab's board.\n`)
    .join('\n');
}

function headerText(names: readonly string[]): string {
  const cells = names.map((name) =>
    FIELDS[name]?.unit === undefined ? name : `${name} [${FIELDS[name].unit}]`,
  );
  return `${cells.join(', ')}\n`;
}

interface Moment {
  readonly sensors: GpuSensors;
  readonly at_s: Seconds;
  readonly at: string;
  readonly units: boolean;
}

function rowText(names: readonly string[], { sensors, at_s, at, units }: Moment): string {
  const stamp = at.replace('T', ' ').replaceAll('-', '/').replace('Z', '');
  const cells = names.map((name) => {
    const field = FIELDS[name];
    if (field === undefined) return stamp;
    return units && field.unit !== undefined
      ? `${field.text(sensors, at_s)} ${field.unit}`
      : field.text(sensors, at_s);
  });
  return `${cells.join(', ')}\n`;
}

function flagValue(flags: readonly string[], name: string): string | undefined {
  return flags.find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);
}

runAsProgram(import.meta.url, 'nvidia-smi', standInNvidiaSmi);
