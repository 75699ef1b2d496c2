/** The stand-in xpu-smi: `node stand-in-xpu-smi-program.js <feed port> <lab JSON> dump -d -1 -m <metrics> -i <s>`. */
import { PERCENT_PER_RATIO, type Seconds } from '../core/units.ts';
import { createGpuSensors, type GpuSensors } from './stand-in-gpu.ts';
import { flagOf, runAsProgram, type StandInTool, writeTick, writeTicks } from './stand-in-tool.ts';

const WRONG_USAGE = 1;
const INTERVAL_s = '1';

interface Column {
  readonly title: string;
  readonly text: (sensors: GpuSensors, at_s: Seconds) => string;
}

/** By the number that `-m` calls them by. Source: xpu-smi dump --help. */
const COLUMNS: Readonly<Record<string, Column>> = {
  '0': {
    title: 'GPU Utilization (%)',
    text: (sensors, at_s) => (sensors.loadRatio(at_s) * PERCENT_PER_RATIO).toFixed(2),
  },
  '1': { title: 'GPU Power (W)', text: (sensors, at_s) => sensors.average_W(at_s).toFixed(2) },
  '2': { title: 'GPU Frequency (MHz)', text: () => '1550' },
  '3': { title: 'GPU Core Temperature (Celsius Degree)', text: () => '48.00' },
  '8': { title: 'GPU Energy Consumed (J)', text: (sensors, at_s) => sensors.energy_J(at_s).toFixed(2) },
};

/** Rows of one board until the reader or the lab is gone, or the list of boards. Returns the exit code. */
export async function standInXpuSmi(tool: StandInTool): Promise<number> {
  const [word] = tool.flags;
  if (word === 'discovery') {
    await writeTick(tool, tool.clock.now_s(), () => 'Device ID,Device Name\n0,"Intel(R) Lab GPU"\n');
    return 0;
  }
  const asked = (flagOf(tool.flags, '-m') ?? '').split(',');
  const columns = asked.flatMap((number) => COLUMNS[number] ?? []);
  if (word !== 'dump' || columns.length < asked.length) return WRONG_USAGE;
  const sensors = createGpuSensors(tool.physics, tool.origin_s);
  const titles = ['Timestamp', 'DeviceId', ...columns.map(({ title }) => title)];
  await writeTick(tool, tool.clock.now_s(), () => `${titles.join(', ')}\n`);
  await writeTicks(tool, Number(flagOf(tool.flags, '-i') ?? INTERVAL_s), (at_s) => {
    const cells = columns.map(({ text }) => text(sensors, at_s));
    return `${[tool.clock.wallAt().slice(11, 23), '   0', ...cells].join(', ')}\n`;
  });
  return 0;
}

runAsProgram(import.meta.url, 'xpu-smi', standInXpuSmi);
