import type { Watts } from '../../src/core/units.ts';
import { B_PER_MiB, J_PER_uJ, PERCENT_PER_RATIO } from '../../src/core/units.ts';
import type { GpuReading, PowerField } from '../gpu/reading.ts';
import { numberOrNull } from '../stated-number.ts';
import { type Cells, cellOf, energy_J, power_W } from './cells.ts';

interface KnownField {
  readonly label: string;
  readonly names: readonly string[];
  readonly isAverage: boolean;
}

/**
 * Current socket, then average socket. amd-smi newer than ROCm 6.1 prints one `socket_power`, of either sort. Source:
 * power-sources.md 2.4; the tools' own keys.
 */
const POWERS: readonly KnownField[] = [
  {
    label: 'current_socket_power',
    names: ['current_socket_power', 'Current Socket Graphics Package Power (W)'],
    isAverage: false,
  },
  { label: 'socket_power', names: ['socket_power', 'power_usage'], isAverage: true },
  {
    label: 'average_socket_power',
    names: ['average_socket_power', 'Average Graphics Package Power (W)'],
    isAverage: true,
  },
];

/** AMD publishes no filter time of its averages; a declared assumption, as for NVIDIA's. Source: power-sources.md 2.4. */
const AVERAGING_s = 1;
const UPDATE_s = 0.1;

/** One board's cells as a reading. */
export function amdReading(index: number, cells: Cells): GpuReading {
  const load_percent = number(cells, ['gfx_activity', 'gfx', 'GPU use (%)']);
  const loadRatio = load_percent === null ? null : load_percent / PERCENT_PER_RATIO;
  const isSlowed = cellOf(cells, ['throttle_status'])?.toUpperCase() === 'THROTTLED';
  return {
    index,
    name: nameOf(cells),
    powers: POWERS.map((field) => powerField(field, cells)),
    energy_J: energyOf(cells),
    limit_W: limitOf(cells),
    loadRatio,
    slowedBy: isSlowed ? ['throttle_status'] : [],
    facts: {
      load_ratio: loadRatio,
      temperature_C: number(cells, [
        'edge',
        'hotspot',
        'Temperature (Sensor edge) (C)',
        'Temperature (Sensor junction) (C)',
      ]),
      vram_B: bytes(cells, { MiB: ['used_vram', 'vram_used'], B: 'VRAM Total Used Memory (B)' }),
      gtt_B: bytes(cells, { MiB: ['used_gtt'], B: 'GTT Total Used Memory (B)' }),
      throttle_status: cellOf(cells, ['throttle_status']) ?? null,
    },
  };
}

function powerField({ label, names, isAverage }: KnownField, cells: Cells): PowerField {
  const text = cellOf(cells, names);
  return {
    label,
    ...(text === undefined ? { power_W: null, word: null } : power_W(text)),
    kind: isAverage ? 'averaged' : 'gauge',
    averaging_s: isAverage ? AVERAGING_s : null,
    update_s: UPDATE_s,
    scope: `GPU socket, AMD sensor (${label})`,
  };
}

/** Joules of the accumulator: printed in J or µJ, or as counts beside the resolution of one count in µJ. */
function energyOf(cells: Cells): number | null {
  const whole = cellOf(cells, ['total_energy_consumption']);
  if (whole !== undefined) return energy_J(whole);
  const accumulated_uJ = number(cells, ['Accumulated Energy (uJ)']);
  const counts = number(cells, ['energy_accumulator']);
  const resolution_uJ = number(cells, ['counter_resolution']);
  const product_uJ = counts === null || resolution_uJ === null ? null : counts * resolution_uJ;
  const energy_uJ = accumulated_uJ ?? product_uJ;
  return energy_uJ !== null && energy_uJ > 0 ? energy_uJ * J_PER_uJ : null;
}

function limitOf(cells: Cells): Watts | null {
  const text = cellOf(cells, [
    'Max Graphics Package Power (W)',
    'max_power',
    'power_cap',
    'socket_power_limit',
  ]);
  return text === undefined ? null : power_W(text).power_W;
}

/** amd-smi divides by 1024² and calls it MB. */
function bytes(cells: Cells, names: { readonly MiB: readonly string[]; readonly B: string }): number | null {
  const size_B = number(cells, [names.B]);
  if (size_B !== null) return size_B;
  const size_MiB = number(cells, names.MiB);
  return size_MiB === null ? null : size_MiB * B_PER_MiB;
}

function number(cells: Cells, names: readonly string[]): number | null {
  for (const name of names) {
    const value = numberOrNull(cellOf(cells, [name]));
    if (value !== null) return value;
  }
  return null;
}

function nameOf(cells: Cells): string | null {
  const name = cellOf(cells, ['market_name', 'Card Series', 'Card series', 'Device Name']);
  return name === undefined || numberOrNull(name) !== null || /^N\/A$/i.test(name) ? null : name;
}
