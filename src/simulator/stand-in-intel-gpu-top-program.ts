/** The stand-in intel_gpu_top: `node stand-in-intel-gpu-top-program.js <feed port> <lab JSON> -J -s <ms>`. */
import { MS_PER_S, S_PER_MS, type Seconds } from '../core/units.ts';
import { railMeans } from './stand-in-rails.ts';
import { flagOf, runAsProgram, type StandInTool, writeTicks } from './stand-in-tool.ts';

const WRONG_USAGE = 1;
const INTERVAL_ms = '1000';

/** Periods in an array that never ends, until the reader or the lab is gone. */
export async function standInIntelGpuTop(tool: StandInTool): Promise<number> {
  if (!tool.flags.includes('-J')) return WRONG_USAGE;
  const interval_s = Number(flagOf(tool.flags, '-s') ?? INTERVAL_ms) * S_PER_MS;
  let last_s = tool.clock.now_s();
  const means = railMeans(tool.physics, last_s);
  let before = '[\n\n';
  await tool.clock.sleep(interval_s);
  await writeTicks(tool, interval_s, (at_s: Seconds) => {
    const { cpu, gpu, ane } = means.take(at_s);
    const period = {
      period: { duration: (at_s - last_s) * MS_PER_S, unit: 'ms' },
      frequency: { requested: 900, actual: 899, unit: 'MHz' },
      rc6: { value: 10, unit: '%' },
      power: { GPU: gpu, Package: cpu + gpu + ane, unit: 'W' },
      engines: { 'Render/3D': { busy: 60, sema: 0, wait: 0, unit: '%' } },
      clients: {},
    };
    last_s = at_s;
    const text = `${before}${JSON.stringify(period, null, '\t')}`;
    before = ',\n';
    return text;
  });
  return 0;
}

runAsProgram(import.meta.url, 'intel_gpu_top', standInIntelGpuTop);
