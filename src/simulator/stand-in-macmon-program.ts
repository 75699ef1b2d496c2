/** The stand-in macmon: `node stand-in-macmon-program.js <feed port> <lab JSON> pipe -s <lines> -i <ms>`. */
import { S_PER_MS, type Seconds } from '../core/units.ts';
import { RAILS } from './physics.ts';
import { REST_W, railMeans } from './stand-in-rails.ts';
import { flagOf, runAsProgram, type StandInTool, writeSome } from './stand-in-tool.ts';

const WRONG_USAGE = 2;

/** Lines of mean power over the time since the line before; the first waits one interval, as the real one does. */
export async function standInMacmon(tool: StandInTool): Promise<number> {
  if (tool.flags[0] !== 'pipe') return WRONG_USAGE;
  const interval_s = Number(flagOf(tool.flags, '-i') ?? '1000') * S_PER_MS;
  const lines = Number(flagOf(tool.flags, '-s') ?? '0');
  const means = railMeans(tool.physics, tool.clock.now_s());
  await tool.clock.sleep(interval_s);
  await writeSome(tool, { interval_s, lines }, (at_s: Seconds) => {
    const mean_W = means.take(at_s);
    const all_power = RAILS.reduce((sum_W, rail) => sum_W + mean_W[rail], 0);
    const line = {
      timestamp: tool.clock.wallAt().replace('Z', '+00:00'),
      temp: { cpu_temp_avg: 45, gpu_temp_avg: 47 },
      cpu_power: mean_W.cpu,
      gpu_power: mean_W.gpu,
      ane_power: mean_W.ane,
      all_power,
      sys_power: all_power + REST_W,
    };
    return `${JSON.stringify(line)}\n`;
  });
  return 0;
}

runAsProgram(import.meta.url, 'macmon', standInMacmon);
