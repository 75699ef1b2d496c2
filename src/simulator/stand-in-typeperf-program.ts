/** The stand-in typeperf: `node stand-in-typeperf-program.js <feed port> <lab JSON> <counters> -si <s>`, or `-q <object>`. */
import { J_PER_pWh, mW_PER_W, type Seconds } from '../core/units.ts';
import { type PerRail, RAILS } from './physics.ts';
import { railEnergies, railMeans } from './stand-in-rails.ts';
import { flagOf, runAsProgram, type StandInTool, writeTick, writeTicks } from './stand-in-tool.ts';

const METERS = ['RAPL_Package0_PKG', 'RAPL_Package0_PP0', 'RAPL_Package0_PP1', '_Total'] as const;
const FIGURES = ['Energy', 'Power'] as const;
const INTERVAL_s = '1';

/** Rows of CSV: energies in picowatt-hours since the lab began, then powers in milliwatts. */
export async function standInTypeperf(tool: StandInTool): Promise<number> {
  if (tool.flags.includes('-q')) {
    const paths = FIGURES.flatMap((figure) =>
      METERS.map((meter) => `\\Energy Meter(${meter})\\${figure}\r\n`),
    );
    await writeTick(tool, tool.clock.now_s(), () => paths.join(''));
    return 0;
  }
  const interval_s = Number(flagOf(tool.flags, '-si') ?? INTERVAL_s);
  const energies = railEnergies(tool.physics, tool.origin_s);
  const means = railMeans(tool.physics, tool.origin_s);
  await writeTick(tool, tool.clock.now_s(), headerText);
  await writeTicks(tool, interval_s, (at_s: Seconds) => {
    const counted_pWh = metersOf(energies.take(at_s)).map((energy_J) => energy_J / J_PER_pWh);
    const powers_mW = metersOf(means.take(at_s)).map((power_W) => power_W * mW_PER_W);
    const cells = [...counted_pWh, ...powers_mW].map((value) => value.toFixed(6));
    return `"${stampText(tool.clock.wallAt())}",${cells.map((cell) => `"${cell}"`).join(',')}\r\n`;
  });
  return 0;
}

/** Package, cores, integrated GPU, and the total, which is always 0. */
function metersOf(rails: PerRail): number[] {
  return [RAILS.reduce((sum, rail) => sum + rails[rail], 0), rails.cpu, rails.gpu, 0];
}

function headerText(): string {
  const paths = FIGURES.flatMap((figure) =>
    METERS.map((meter) => `"\\\\LAB\\Energy Meter(${meter})\\${figure}"`),
  );
  return `\r\n"(PDH-CSV 4.0)",${paths.join(',')}\r\n`;
}

/** `11/22/2026 15:04:05.123` */
function stampText(at: string): string {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T([\d:.]+)Z$/.exec(at) ?? [];
  return `${month}/${day}/${year} ${time}`;
}

runAsProgram(import.meta.url, 'typeperf', standInTypeperf);
