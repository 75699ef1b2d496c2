/** The stand-in amd-smi: `node stand-in-amd-smi-program.js <feed port> <lab JSON> <arguments of amd-smi>`. */
import { wallSpan_s } from '../core/clock.ts';
import { PERCENT_PER_RATIO, type Seconds } from '../core/units.ts';
import { createGpuSensors, type GpuSensors } from './stand-in-gpu.ts';
import { runAsProgram, type StandInTool, writeTick, writeTicks } from './stand-in-tool.ts';

const WRONG_USAGE = 255;

/** One document, or with `--watch` one every so many seconds until its reader or the lab is gone. Returns the exit code. */
export async function standInAmdSmi(tool: StandInTool): Promise<number> {
  if (tool.flags[0] !== 'metric' || !tool.flags.includes('--json')) return WRONG_USAGE;
  const sensors = createGpuSensors(tool.physics, tool.origin_s);
  const watch = tool.flags.indexOf('--watch');
  if (watch < 0) {
    await writeTick(tool, tool.clock.now_s(), (at_s) => documentText(sensors, at_s, {}));
    return 0;
  }
  const hint = "WARNING: this board is simulated\n'CTRL' + 'C' to stop watching output:\n";
  await writeTick(tool, tool.clock.now_s(), () => hint);
  await writeTicks(tool, Number(tool.flags[watch + 1]), (at_s) =>
    documentText(sensors, at_s, {
      timestamp: Math.floor(wallSpan_s('1970-01-01T00:00:00Z', tool.clock.wallAt())),
    }),
  );
  return 0;
}

function documentText(sensors: GpuSensors, at_s: Seconds, first: Readonly<Record<string, number>>): string {
  const board = {
    ...first,
    gpu: 0,
    usage: { gfx_activity: { value: Math.round(sensors.loadRatio(at_s) * PERCENT_PER_RATIO), unit: '%' } },
    power: {
      socket_power: { value: Math.round(sensors.average_W(at_s)), unit: 'W' },
      throttle_status: 'UNTHROTTLED',
      power_management: 'ENABLED',
    },
    temperature: { edge: { value: 49, unit: 'C' }, hotspot: { value: 58, unit: 'C' }, mem: 'N/A' },
    energy: { total_energy_consumption: { value: Number(sensors.energy_J(at_s).toFixed(3)), unit: 'J' } },
    mem_usage: { used_vram: { value: 6144, unit: 'MB' }, used_gtt: { value: 64, unit: 'MB' } },
  };
  return `${JSON.stringify([board], null, 4)}\n`;
}

runAsProgram(import.meta.url, 'amd-smi', standInAmdSmi);
