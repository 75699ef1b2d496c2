import { createCommandParser } from '../../samplers/command/sampler.ts';
import { DEFAULT_COMMAND } from '../../samplers/command/spec.ts';
import { samplerById } from '../../samplers/index.ts';
import type { Parser } from '../../samplers/sampler.ts';
import { MACHINE_SMALL } from './powermetrics-fixtures.ts';
import { frameText } from './powermetrics-frame.ts';

/** A source's output as it prints it, frame by frame, to be damaged. */
export interface FuzzSubject {
  /** The sampler's id, and which of its outputs. */
  readonly name: string;
  readonly create: () => Parser;
  /** What stands once, at the beginning. */
  readonly opening: string;
  /** Its part of the streams: what costs more time gets fewer. */
  readonly share: number;
  /** The i-th frame, with its end. Counters rise, stamps go on by a second. */
  readonly frame: (i: number) => string;
}

const of = (id: string) => () => samplerById(id).createParser();
const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const two = (i: number): string => String(i).padStart(2, '0');
/** A little to and fro, so that no two readings are equal. */
const around = (value: number, i: number): number => value + ((i * 7) % 5) * value * 0.02;

const SUBJECTS_BUT_AMD: readonly FuzzSubject[] = [
  {
    name: 'powermetrics',
    share: 0.01,
    create: of('powermetrics'),
    opening: '',
    frame: (i) => {
      const numbers = { elapsed_ns: 1e9, cpu_mJ: 1000 + i, gpu_mJ: 10 + i, ane_mJ: 1 };
      return `${i === 0 ? '' : '\0'}${frameText(MACHINE_SMALL, numbers)}`;
    },
  },
  {
    name: 'nvidia-smi, two boards',
    share: 0.2,
    create: of('nvidia-smi'),
    opening:
      'timestamp, count, index, uuid, name, power.draw.instant [W], power.limit [W], utilization.gpu [%]\n',
    frame: (i) =>
      [0, 1]
        .map((index) => {
          const power_W = around(180 + 40 * index, i).toFixed(2);
          return `2026/11/22 10:00:${two(i)}.123, 2, ${index}, GPU-${index}, NVIDIA Board, ${power_W}, 300.00, 50\n`;
        })
        .join(''),
  },
  {
    name: 'nvidia-smi, units and decimal commas',
    share: 0.5,
    create: of('nvidia-smi'),
    opening: 'timestamp, count, index, power.draw [W], power.limit [W]\n',
    frame: (i) =>
      `2026/11/22 10:00:${two(i)}.123, 1, 0, ${around(80, i).toFixed(2).replace('.', ',')} W, [N/A]\n`,
  },
  {
    name: 'powercap',
    share: 0.3,
    create: of('powercap'),
    opening: '',
    frame: (i) =>
      line({
        at_ns: 9e12 + i * 1e9,
        zones: [
          zone('intel-rapl:0', 'package-0', 2e6 * around(30, i) + i * 3e7),
          zone('intel-rapl:0:0', 'core', 1e6 * around(20, i) + i * 2e7),
        ],
      }),
  },
  {
    name: 'hwmon',
    share: 0.5,
    create: of('hwmon'),
    opening: '',
    frame: (i) =>
      line({
        at_s: 4000 + i,
        devices: [
          { domain: 'gpu:0', kind: 'counter', number: 55e6 + 60e6 * i, why: null },
          { domain: 'soc', kind: 'gauge', number: around(19e6, i), why: null },
        ],
      }),
  },
  {
    name: 'intel-gpu-top',
    share: 1.5,
    create: of('intel-gpu-top'),
    opening: '[\n\n',
    frame: (i) => {
      const period = {
        period: { duration: 1000, unit: 'ms' },
        frequency: { requested: 900, actual: 899, unit: 'MHz' },
        power: { GPU: around(3, i), Package: around(21, i), unit: 'W' },
        engines: { 'Render/3D': { busy: 60, unit: '%' } },
      };
      return `${JSON.stringify(period, null, '\t')},\n`;
    },
  },
  {
    name: 'xpu-smi',
    share: 0.25,
    create: of('xpu-smi'),
    opening: 'Timestamp, DeviceId, GPU Utilization (%), GPU Power (W), GPU Energy Consumed (J)\n',
    frame: (i) =>
      `06:14:${two(i)}.000,    0, 50.00, ${around(70, i).toFixed(2)}, ${1070 + 75 * i}.00\n` +
      `06:14:${two(i)}.000,    1, 50.00, ${around(115, i).toFixed(2)}, N/A\n`,
  },
  {
    name: 'macmon',
    share: 0.6,
    create: of('macmon'),
    opening: '',
    frame: (i) =>
      line({
        timestamp: `2026-02-24T20:00:${two(i)}.000000+00:00`,
        ...macRails(i),
        temp: { cpu_temp_avg: 43.7 },
      }),
  },
  {
    name: 'macmon without stamps',
    share: 3,
    create: of('macmon'),
    opening: '',
    frame: (i) => line(macRails(i)),
  },
  {
    name: 'tegrastats',
    share: 0.6,
    create: of('tegrastats'),
    opening: '',
    frame: (i) => {
      const input_mW = Math.round(around(5200, i));
      const rails = `VDD_IN ${input_mW}mW/5100mW VDD_CPU_GPU_CV ${input_mW - 3000}mW/1800mW`;
      return `11-22-2026 15:04:${two(i)} RAM 2448/7620MB CPU [5%@1344] GR3D_FREQ 40%@624 cpu@48.5C ${rails}\n`;
    },
  },
  {
    name: 'windows-energy-meter',
    share: 0.3,
    create: of('windows-energy-meter'),
    opening: `\r\n"(PDH-CSV 4.0)",${['Energy', 'Power'].flatMap((word) => ['PKG', 'PP0'].map((part) => `"\\\\HOST\\Energy Meter(RAPL_Package0_${part})\\${word}"`)).join(',')}\r\n`,
    frame: (i) => {
      const cells = [4.4e15 + 4e9 * i, 2e15 + 2e9 * i, around(14_000, i), around(9000, i)];
      return `"11/22/2026 15:04:${two(i)}.120",${cells.map((cell) => `"${cell.toFixed(6)}"`).join(',')}\r\n`;
    },
  },
  {
    name: 'battery',
    share: 0.7,
    create: of('battery'),
    opening: '',
    frame: (i) =>
      line({
        at_s: 70 + i,
        batteries: [
          {
            status: 'Discharging',
            power_uW: null,
            current_uA: -around(1.1e6, i),
            voltage_uV: 11_850_000 - i,
          },
        ],
      }),
  },
  {
    name: 'command, numbers',
    share: 4,
    create: of('command'),
    opening: '',
    frame: (i) => `${around(61.5, i).toFixed(1)}\n`,
  },
  {
    name: 'command, counter in JSON',
    share: 3,
    create: () =>
      createCommandParser({ ...DEFAULT_COMMAND, unit: 'Wh', kind: 'counter', field: 'energy.total' }),
    opening: '',
    frame: (i) => line({ energy: { total: 120 + i * 0.02 } }),
  },
  {
    name: 'synthetic',
    share: 0.6,
    create: of('synthetic'),
    opening: '',
    frame: (i) =>
      ['cpu', 'gpu', 'ane', 'soc']
        .map((domain) => line({ domain, start_s: i, end_s: i + 1, energy_J: around(3, i), kind: 'mean' }))
        .join(''),
  },
];

const AMD_SUBJECTS: readonly FuzzSubject[] = [
  {
    name: 'amd-smi, JSON',
    share: 0.1,
    create: of('amd-smi'),
    opening: "'CTRL' + 'C' to stop watching output:\n",
    frame: (i) => {
      const boards = [0, 1].map((gpu) => ({
        timestamp: 1_795_341_600 + i,
        gpu,
        power: {
          socket_power: { value: Math.round(around(100, i)), unit: 'W' },
          throttle_status: 'UNTHROTTLED',
        },
        energy: { total_energy_consumption: gpu === 0 ? { value: 5000 + 101 * i, unit: 'J' } : 'N/A' },
      }));
      return `${JSON.stringify(boards, null, 4)}\n`;
    },
  },
  {
    name: 'amd-smi, CSV',
    share: 0.25,
    create: of('amd-smi'),
    opening: '',
    frame: (i) =>
      'timestamp,gpu,gfx_activity,socket_power,edge\n' +
      `${1_795_341_600 + i},0,50,${Math.round(around(40, i))},49\n${1_795_341_600 + i},1,0,${Math.round(around(30, i))},40\n`,
  },
  {
    name: 'rocm-smi',
    share: 0.5,
    create: of('rocm-smi'),
    opening: 'WARNING: AMD GPU device(s) is/are in a low-power state.\n\n',
    frame: (i) =>
      line({
        card0: {
          'Average Graphics Package Power (W)': around(19, i).toFixed(1),
          'Accumulated Energy (uJ)': `${15_300_000_000 + 19e6 * i}.0`,
          'Max Graphics Package Power (W)': '339.0',
        },
        card1: { 'Average Graphics Package Power (W)': 'N/A (Secondary die)' },
      }),
  },
];

/** Every parser of the sampler list, with the outputs that differ in kind. */
export const FUZZ_SUBJECTS: readonly FuzzSubject[] = [...SUBJECTS_BUT_AMD, ...AMD_SUBJECTS];

function zone(path: string, name: string, energy_uJ: number) {
  return {
    zone: path,
    name,
    range_uJ: 262_143_328_850,
    limit_uW: null,
    energy_uJ: Math.round(energy_uJ),
    error: null,
  };
}

function macRails(i: number) {
  const [cpu_power, gpu_power] = [around(3, i), around(9, i)];
  return { cpu_power, gpu_power, ane_power: 0, sys_power: cpu_power + gpu_power + 7, ram_power: 0.5 };
}
