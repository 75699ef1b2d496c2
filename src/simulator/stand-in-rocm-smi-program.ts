/** The stand-in rocm-smi: `node stand-in-rocm-smi-program.js <feed port> <lab JSON> <arguments of rocm-smi>`. */
import { J_PER_uJ, PERCENT_PER_RATIO, type Seconds } from '../core/units.ts';
import { createGpuSensors, GPU_LIMIT_W, type GpuSensors } from './stand-in-gpu.ts';
import { runAsProgram, type StandInTool, writeTick } from './stand-in-tool.ts';

const WRONG_USAGE = 2;
/** One count of the accumulator. Source: rocm_smi, 15.3 µJ. */
const COUNT_uJ = 15.3;

/** One document, then it ends, as the real one does. Returns the exit code. */
export async function standInRocmSmi(tool: StandInTool): Promise<number> {
  if (!tool.flags.includes('--json')) return WRONG_USAGE;
  const sensors = createGpuSensors(tool.physics, tool.origin_s);
  await writeTick(tool, tool.clock.now_s(), (at_s) => cardsText(sensors, at_s));
  return 0;
}

function cardsText(sensors: GpuSensors, at_s: Seconds): string {
  const counts = Math.floor(sensors.energy_J(at_s) / (COUNT_uJ * J_PER_uJ));
  const card0 = {
    'Average Graphics Package Power (W)': sensors.average_W(at_s).toFixed(1),
    'Energy counter': String(counts),
    'Accumulated Energy (uJ)': (counts * COUNT_uJ).toFixed(2),
    'Max Graphics Package Power (W)': GPU_LIMIT_W.toFixed(1),
    'GPU use (%)': (sensors.loadRatio(at_s) * PERCENT_PER_RATIO).toFixed(0),
    'Temperature (Sensor edge) (C)': '49.0',
    'VRAM Total Used Memory (B)': '6442450944',
  };
  return `WARNING: this board is simulated\n\n${JSON.stringify({ card0 })}\n`;
}

runAsProgram(import.meta.url, 'rocm-smi', standInRocmSmi);
