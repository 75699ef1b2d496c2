/** The stand-in tegrastats: `node stand-in-tegrastats-program.js <feed port> <lab JSON> --interval <ms>`. */
import { mW_PER_W, S_PER_MS, type Seconds, type Watts } from '../core/units.ts';
import { RAILS } from './physics.ts';
import { REST_W } from './stand-in-rails.ts';
import { flagOf, runAsProgram, type StandInTool, writeTicks } from './stand-in-tool.ts';

const INTERVAL_ms = '1000';

/** Lines of power at the instant, in whole milliwatts, until the reader or the lab is gone. */
export async function standInTegrastats(tool: StandInTool): Promise<number> {
  const interval_s = Number(flagOf(tool.flags, '--interval') ?? INTERVAL_ms) * S_PER_MS;
  await writeTicks(tool, interval_s, (at_s: Seconds) => {
    const [cpu_W = 0, gpu_W = 0, ane_W = 0] = RAILS.map((rail) => tool.physics.power_W(rail, at_s));
    const module_W = cpu_W + gpu_W + ane_W + REST_W;
    const rails = [
      railText('VDD_IN', module_W),
      railText('VDD_CPU_GPU_CV', cpu_W + gpu_W + ane_W),
      railText('VDD_SOC', REST_W / 2),
    ];
    const memory = 'RAM 2448/7620MB (lfb 14x4MB) SWAP 0/3810MB (cached 0MB)';
    return `${memory} CPU [5%@1344,3%@1344] GR3D_FREQ 40% cpu@48.5C tj@49.1C ${rails.join(' ')}\n`;
  });
  return 0;
}

/** The second figure is an average since the start, which nobody needs: the instant again. */
function railText(name: string, power_W: Watts): string {
  const power_mW = Math.round(power_W * mW_PER_W);
  return `${name} ${power_mW}mW/${power_mW}mW`;
}

runAsProgram(import.meta.url, 'tegrastats', standInTegrastats);
