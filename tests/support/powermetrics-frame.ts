/** One CPU cluster of a generated frame. */
export interface ClusterShape {
  readonly name: string;
  readonly cores: number;
  readonly freqs_MHz: readonly number[];
}

/** A machine as powermetrics shows it. Shapes from the documented schema; all numbers are made up. */
export interface MachineShape {
  readonly hwModel: string;
  readonly osBuild: string;
  readonly clusters: readonly ClusterShape[];
  readonly gpuFreqs_MHz: readonly number[];
}

export interface FrameNumbers {
  readonly elapsed_ns: number;
  readonly cpu_mJ: number;
  readonly gpu_mJ: number;
  readonly ane_mJ: number;
  /** GPU block's own window; equal to `elapsed_ns` where not given. */
  readonly gpuWindow_ns?: number;
  readonly thermal?: string;
  readonly seed?: number;
}

const E_FREQS_MHz = [912, 1284, 1752, 2004, 2256, 2424];
const P_FREQS_MHz = [
  702, 948, 1188, 1452, 1704, 1968, 2208, 2400, 2568, 2724, 2868, 3000, 3132, 3264, 3360, 3408, 3504,
];
const GPU_FREQS_MHz = [338, 618, 796, 924, 1056, 1182, 1312, 1470];

const cluster = (name: string, cores: number): ClusterShape => ({
  name: `${name}-Cluster`,
  cores,
  freqs_MHz: name.startsWith('E') ? E_FREQS_MHz : P_FREQS_MHz,
});

function machine(hwModel: string, osBuild: string, clusters: readonly ClusterShape[]): MachineShape {
  return { hwModel, osBuild, clusters, gpuFreqs_MHz: GPU_FREQS_MHz };
}

export const MACHINES = {
  m1: machine('MacBookAir10,1', '21G72', [cluster('E', 4), cluster('P', 4)]),
  m3Pro: machine('Mac15,6', '23H222', [cluster('E', 6), cluster('P', 6)]),
  m4Max: machine('Mac16,6', '24G90', [cluster('E', 4), cluster('P0', 6), cluster('P1', 6)]),
  m2Ultra: machine('Mac14,13', '23G93', [
    cluster('E0', 4),
    cluster('P0', 4),
    cluster('P1', 4),
    cluster('E1', 4),
    cluster('P2', 4),
    cluster('P3', 4),
  ]),
  m5: machine('Mac17,2', '25D125', [cluster('E', 6), cluster('S', 4)]),
} as const;

export const PROLOG =
  '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n';

/** One frame as the tool writes it, from its prolog to the line feed behind `</plist>`. */
export function frameText(shape: MachineShape, numbers: FrameNumbers): string {
  const next = random(numbers.seed ?? 1);
  return `${PROLOG}<plist version="1.0">\n<dict>\n${header(shape, numbers)}${processorText(shape, numbers, next)}${text('thermal_pressure', numbers.thermal ?? 'Nominal')}${gpuText(shape, numbers, next)}</dict>\n</plist>\n`;
}

/** A stream: NUL between frames, none behind the last. */
export function streamText(frames: readonly string[]): string {
  return frames.join('\0');
}

/** The same document with each nesting level indented, as other versions of the tool write it. */
export function indented(frame: string): string {
  let depth = 0;
  return frame
    .split('\n')
    .map((line) => {
      if (line.startsWith('</')) depth--;
      const indent = '  '.repeat(Math.max(0, depth));
      if (/^<(?:dict|array|plist[^>]*)>$/.test(line)) depth++;
      return line === '' ? line : indent + line;
    })
    .join('\n');
}

function header(shape: MachineShape, numbers: FrameNumbers): string {
  return `<key>is_delta</key><true/>
${integer('elapsed_ns', numbers.elapsed_ns)}${text('hw_model', shape.hwModel)}${text('kern_osversion', shape.osBuild)}<key>kern_bootargs</key><string></string>
${integer('kern_boottime', 1760000000)}<key>timestamp</key><date>2026-01-05T10:20:30Z</date>
`;
}

function processorText(shape: MachineShape, numbers: FrameNumbers, next: () => number): string {
  const { elapsed_ns, cpu_mJ, gpu_mJ, ane_mJ } = numbers;
  const power = (energy_mJ: number): number => (energy_mJ / elapsed_ns) * 1e9;
  const clusters = shape.clusters.map((one) => clusterText(one, elapsed_ns, next)).join('');
  const rails = [
    { name: 'cpu', energy_mJ: cpu_mJ },
    { name: 'gpu', energy_mJ: gpu_mJ },
    { name: 'ane', energy_mJ: ane_mJ },
  ];
  const rows = rails.map(
    ({ name, energy_mJ }) =>
      `<key>${name}_energy</key>\n<integer>${energy_mJ}</integer>\n<key>${name}_power</key>\n<real>${general(power(energy_mJ))}</real>\n`,
  );
  const combined = `<key>combined_power</key>\n<real>${general(power(cpu_mJ + gpu_mJ + ane_mJ))}</real>\n`;
  return `<key>processor</key>\n<dict>\n<key>clusters</key>\n<array>\n${clusters}</array>\n${rows.join('')}${combined}</dict>\n`;
}

function clusterText(shape: ClusterShape, elapsed_ns: number, next: () => number): string {
  const cpus = Array.from(
    { length: shape.cores },
    (_, cpu) => `<dict>\n${integer('cpu', cpu)}${residency(shape.freqs_MHz, elapsed_ns, next)}</dict>\n`,
  );
  return `<dict>\n${text('name', shape.name)}<key>hw_resid_counters</key><true/>\n${residency(shape.freqs_MHz, elapsed_ns, next)}<key>online_ratio</key><real>1</real>\n<key>cpus</key>\n<array>\n${cpus.join('')}</array>\n</dict>\n`;
}

function residency(freqs_MHz: readonly number[], window_ns: number, next: () => number): string {
  const weights = freqs_MHz.map(() => next() ** 4);
  const whole = weights.reduce((sum, weight) => sum + weight, 0) * (1 + next());
  const used_ns = weights.map((weight) => Math.floor((weight / whole) * window_ns));
  const idle_ns = window_ns - used_ns.reduce((sum, used) => sum + used, 0);
  const states = freqs_MHz.map((freq, i) =>
    stateText('freq', `<integer>${freq}</integer>`, used_ns[i] ?? 0, window_ns),
  );
  return `<key>freq_hz</key><real>${general(1e9 * (1 + next()))}</real>\n${integer('idle_ns', idle_ns)}<key>idle_ratio</key><real>${general(idle_ns / window_ns)}</real>\n<key>dvfm_states</key>\n<array>\n${states.join('')}</array>\n`;
}

function gpuText(shape: MachineShape, numbers: FrameNumbers, next: () => number): string {
  const window_ns = numbers.gpuWindow_ns ?? numbers.elapsed_ns;
  const requested = shape.gpuFreqs_MHz.map((_, i) =>
    stateText('sw_req_state', `<string>P${i + 1}</string>`, 0, window_ns),
  );
  const current = shape.gpuFreqs_MHz.map((_, i) =>
    stateText('sw_state', `<string>SW_P${i + 1}</string>`, 0, window_ns),
  );
  return `<key>gpu</key>\n<dict>\n${residency(shape.gpuFreqs_MHz, window_ns, next).replace(/<real>[^<]*<\/real>/, '<real>1182.5</real>')}<key>sw_requested_state</key>\n<array>\n${requested.join('')}</array>\n<key>sw_state</key>\n<array>\n${current.join('')}</array>\n${integer('gpu_energy', Math.round((numbers.gpu_mJ * window_ns) / numbers.elapsed_ns) + 1)}</dict>\n`;
}

function stateText(name: string, value: string, used_ns: number, window_ns: number): string {
  return `<dict>\n<key>${name}</key>${value}\n${integer('used_ns', used_ns)}<key>used_ratio</key><real>${general(used_ns / window_ns)}</real>\n</dict>\n`;
}

function integer(name: string, value: number): string {
  return `<key>${name}</key><integer>${value}</integer>\n`;
}

function text(name: string, value: string): string {
  return `<key>${name}</key><string>${value}</string>\n`;
}

/** C's %g: six significant digits, exponents of two digits. */
export function general(value: number): string {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  const [mantissa = '0', power = '0'] = value.toExponential(5).split('e');
  const sign = power.startsWith('-') ? '-' : '+';
  return `${Number(mantissa)}e${sign}${power.replace(/[+-]/, '').padStart(2, '0')}`;
}

/** Uniform in [0, 1), the same for the same seed. Source: Park–Miller. */
export function random(seed: number): () => number {
  let state = (seed * 48271 + 1) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
