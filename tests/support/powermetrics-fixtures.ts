import type { MachineShape } from './powermetrics-frame.ts';
import { frameText, indented, MACHINES, PROLOG, streamText } from './powermetrics-frame.ts';

/** A recording that this file can write again, byte for byte, and what its energy fields state. */
export interface Fixture {
  readonly file: string;
  readonly text: string;
  /** Joules per frame as the fields state them; null where a frame states none for a rail. */
  readonly stated: readonly StatedEnergy[];
}

export interface StatedEnergy {
  readonly elapsed_ns: number;
  readonly cpu_mJ: number | null;
  readonly gpu_mJ: number | null;
  readonly ane_mJ: number | null;
}

/** Small enough to read: one core and two clocks in each cluster. */
const SMALL: MachineShape = {
  ...MACHINES.m1,
  clusters: MACHINES.m1.clusters.map((one) => ({ ...one, cores: 1, freqs_MHz: one.freqs_MHz.slice(0, 2) })),
  gpuFreqs_MHz: MACHINES.m1.gpuFreqs_MHz.slice(0, 3),
};

const IDLE = { cpu_mJ: 96, gpu_mJ: 21, ane_mJ: 0 } as const;

function plain(file: string, shape: MachineShape, stated: readonly FrameEnergy[]): Fixture {
  const frames = stated.map((numbers, seed) => frameText(shape, { ...numbers, seed: seed + 1 }));
  return { file, text: streamText(frames), stated };
}

interface FrameEnergy {
  readonly elapsed_ns: number;
  readonly cpu_mJ: number;
  readonly gpu_mJ: number;
  readonly ane_mJ: number;
  readonly gpuWindow_ns?: number;
  readonly thermal?: string;
}

const M1 = plain('m1-1000ms.plist', MACHINES.m1, [
  { elapsed_ns: 1_012_408_125, ...IDLE },
  { elapsed_ns: 1_009_733_250, cpu_mJ: 4_410, gpu_mJ: 7_933, ane_mJ: 2 },
  { elapsed_ns: 1_023_991_041, cpu_mJ: 4_688, gpu_mJ: 9_120, ane_mJ: 0 },
  { elapsed_ns: 1_010_000_000, cpu_mJ: 2_204, gpu_mJ: 3_871, ane_mJ: 0 },
  { elapsed_ns: 1_016_855_000, ...IDLE },
]);

const M4_MAX = plain('m4-max-500ms.plist', MACHINES.m4Max, [
  { elapsed_ns: 526_114_709, cpu_mJ: 1_516, gpu_mJ: 4, ane_mJ: 0 },
  { elapsed_ns: 512_077_333, cpu_mJ: 6_318, gpu_mJ: 21_454, ane_mJ: 1, thermal: 'Moderate' },
]);

const M2_ULTRA = plain('m2-ultra-1000ms.plist', MACHINES.m2Ultra, [
  {
    elapsed_ns: 1_023_500_375,
    cpu_mJ: 8_455,
    gpu_mJ: 70_107,
    ane_mJ: 0,
    gpuWindow_ns: 1_036_700_000,
  },
]);

const M5 = plain('m5-100ms.plist', MACHINES.m5, [
  { elapsed_ns: 108_120_042, cpu_mJ: 31, gpu_mJ: 0, ane_mJ: 0 },
  { elapsed_ns: 107_902_500, cpu_mJ: 402, gpu_mJ: 1_204, ane_mJ: 0 },
]);

/** Nested indent, a second `idle_ns`, a comment and a processing instruction, integers for reals and reals for integers. */
const NESTED: Fixture = {
  file: 'm1-nested.plist',
  text: indented(odd(frameText(SMALL, { elapsed_ns: 2_019_000_000, cpu_mJ: 89, gpu_mJ: 31, ane_mJ: 0 }))),
  stated: [{ elapsed_ns: 2_019_000_000, cpu_mJ: 89, gpu_mJ: 31, ane_mJ: 0 }],
};

function odd(frame: string): string {
  return frame
    .replace('<integer>89</integer>', '<real>89</real>')
    .replace('<key>ane_power</key>\n<real>0</real>', '<key>ane_power</key>\n<integer>0</integer>')
    .replace(
      '<key>gpu_energy</key><integer>',
      '<key>idle_ns</key><integer>1500000000</integer>\n<!-- <key>idle_ratio</key><real>0.9</real> -->\n<?note none?>\n<key>gpu_energy</key><integer>',
    );
}

/** Frames of the gpu_power sampler alone, whose GPU block publishes on a clock of its own. */
const GPU_ONLY: Fixture = {
  file: 'm4-pro-gpu-only-5000ms.plist',
  text: streamText([gpuOnly(5_004_000_000, 3_890_000_000, 19), gpuOnly(5_014_000_000, 6_025_000_000, 107)]),
  stated: [
    { elapsed_ns: 5_004_000_000, cpu_mJ: null, gpu_mJ: 19, ane_mJ: null },
    { elapsed_ns: 5_014_000_000, cpu_mJ: null, gpu_mJ: 107, ane_mJ: null },
  ],
};

function gpuOnly(elapsed_ns: number, window_ns: number, energy_mJ: number): string {
  return frameText(SMALL, { elapsed_ns, ...IDLE, gpuWindow_ns: window_ns })
    .replace(/<key>processor<\/key>\n<dict>\n[\s\S]*?<\/dict>\n(?=<key>thermal)/, '')
    .replace(/(<key>gpu_energy<\/key><integer>)\d+/, `$1${energy_mJ}`);
}

const TROUBLE_NS = 508_000_000;

/** What versions of the tool are known to write now and then: chatter, `nan`, missing rails, an empty GPU window. */
const TROUBLED: Fixture = {
  file: 'm1-troubled.plist',
  text: `${streamText([
    frameText(SMALL, { elapsed_ns: TROUBLE_NS, cpu_mJ: 50, gpu_mJ: 10, ane_mJ: 1 }),
    `Second underflow occured.\n${frameText(SMALL, { elapsed_ns: TROUBLE_NS, cpu_mJ: 51, gpu_mJ: 11, ane_mJ: 1 }).replace(/(<key>ane_energy<\/key>\n<integer>1<\/integer>\n<key>ane_power<\/key>\n<real>)[^<]*(<\/real>\n)/, '')}`,
    emptyWindow(frameText(SMALL, { elapsed_ns: TROUBLE_NS, cpu_mJ: 52, gpu_mJ: 0, ane_mJ: 1 })),
    frameText(SMALL, { elapsed_ns: TROUBLE_NS, cpu_mJ: 53, gpu_mJ: 13, ane_mJ: 1 }).replace(
      /<key>cpu_energy<\/key>\n<integer>53<\/integer>\n<key>cpu_power<\/key>\n<real>[^<]*/,
      '<key>cpu_energy</key>\n<real>nan</real>\n<key>cpu_power</key>\n<real>nan',
    ),
  ])}Second underflow occured.\n`,
  stated: [
    { elapsed_ns: TROUBLE_NS, cpu_mJ: 50, gpu_mJ: 10, ane_mJ: 1 },
    { elapsed_ns: TROUBLE_NS, cpu_mJ: 51, gpu_mJ: 11, ane_mJ: null },
    { elapsed_ns: TROUBLE_NS, cpu_mJ: 52, gpu_mJ: 0, ane_mJ: 1 },
    { elapsed_ns: TROUBLE_NS, cpu_mJ: null, gpu_mJ: 13, ane_mJ: 1 },
  ],
};

/** The GPU block published nothing in this frame: no time in any state, ratios of 0/0. */
function emptyWindow(frame: string): string {
  const at = frame.indexOf('<key>gpu</key>');
  const block = frame
    .slice(at)
    .replace(/(<key>(?:used|idle)_ns<\/key><integer>)\d+/g, '$10')
    .replace(/(<key>(?:used|idle)_ratio<\/key><real>)[^<]*/g, '$1nan')
    .replace(/(<key>freq_hz<\/key><real>)[^<]*/, '$1nan');
  return frame.slice(0, at) + block;
}

/** A frame of 4 kB, the least that the tool writes for these samplers. */
export const SMALL_FRAME = frameText(SMALL, { elapsed_ns: TROUBLE_NS, cpu_mJ: 50, gpu_mJ: 10, ane_mJ: 1 });
export const ULTRA_FRAME = M2_ULTRA.text;
export const MACHINE_SMALL = SMALL;
export { PROLOG };

export const FIXTURES: readonly Fixture[] = [M1, M4_MAX, M2_ULTRA, M5, NESTED, GPU_ONLY, TROUBLED];
