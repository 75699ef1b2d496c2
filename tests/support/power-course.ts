import type { SampleSeries } from '../../src/core/sample.ts';

/** Power over time in pieces, each linear, with its exact integral. Times ascend; power is 0 outside. */
export interface PowerCourse {
  power_W(t_s: number): number;
  energy_J(from_s: number, to_s: number): number;
}

interface Piece {
  readonly start_s: number;
  readonly end_s: number;
  readonly from_W: number;
  readonly to_W: number;
}

/** Corners [time, power] joined by lines; a step is two corners at one time. */
export function courseThrough(corners: readonly (readonly [number, number])[]): PowerCourse {
  const pieces: Piece[] = [];
  const before_J: number[] = [];
  let sum_J = 0;
  for (let i = 1; i < corners.length; i++) {
    const [start_s, from_W] = corners[i - 1] ?? [0, 0];
    const [end_s, to_W] = corners[i] ?? [0, 0];
    if (end_s <= start_s) continue;
    pieces.push({ start_s, end_s, from_W, to_W });
    before_J.push(sum_J);
    sum_J += ((from_W + to_W) / 2) * (end_s - start_s);
  }
  const indexAt = (t_s: number): number => {
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((pieces[middle]?.start_s ?? 0) <= t_s) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const upTo_J = (t_s: number): number => {
    const index = indexAt(t_s);
    const piece = pieces[index];
    if (piece === undefined) return 0;
    const along_s = Math.min(piece.end_s, Math.max(piece.start_s, t_s)) - piece.start_s;
    const slope = (piece.to_W - piece.from_W) / (piece.end_s - piece.start_s);
    return (before_J[index] ?? 0) + along_s * (piece.from_W + (slope * along_s) / 2);
  };
  return {
    power_W: (t_s) => {
      const piece = pieces[indexAt(t_s)];
      if (piece === undefined) return 0;
      const share = (t_s - piece.start_s) / (piece.end_s - piece.start_s);
      return piece.from_W + (piece.to_W - piece.from_W) * Math.min(1, Math.max(0, share));
    },
    energy_J: (from_s, to_s) => upTo_J(to_s) - upTo_J(from_s),
  };
}

/** Corners of a course that changes in steps at [time, power]. */
export function stepsThrough(steps: readonly (readonly [number, number])[], end_s: number): PowerCourse {
  const corners = steps.flatMap(([t_s, power_W], i): [number, number][] => [
    [t_s, power_W],
    [steps[i + 1]?.[0] ?? end_s, power_W],
  ]);
  return courseThrough(corners);
}

/** How a meter reads a course: its edges in true time, when each frame arrives, the step of its energy. */
export interface Metering {
  readonly domain?: string;
  /** Ascending edges of the meter's windows; n + 1 of them give n samples. */
  readonly edges_s: readonly number[];
  /** Delay of each frame's arrival; none when absent. */
  readonly delay_s?: (frame: number) => number;
  readonly quantum_J?: number;
  /** Frames that never arrive. */
  readonly lost?: ReadonlySet<number>;
}

/** Samples of a `mean` source, stamped on arrival as samplers do. */
export function meanSeries(course: PowerCourse, metering: Metering): SampleSeries {
  const { edges_s, quantum_J = 0 } = metering;
  const rows: { start_s: number; end_s: number; energy_J: number }[] = [];
  let last_s = Number.NEGATIVE_INFINITY;
  for (let i = 0; i + 1 < edges_s.length; i++) {
    const start_s = edges_s[i] ?? 0;
    const end_s = edges_s[i + 1] ?? 0;
    // A pipe keeps the order of frames: none arrives before its predecessor.
    const arrival_s = Math.max(last_s, end_s + (metering.delay_s?.(i) ?? 0));
    last_s = arrival_s;
    if (metering.lost?.has(i) === true) continue;
    const exact_J = course.energy_J(start_s, end_s);
    const energy_J = quantum_J > 0 ? Math.floor(exact_J / quantum_J) * quantum_J : exact_J;
    rows.push({ start_s: arrival_s - (end_s - start_s), end_s: arrival_s, energy_J });
  }
  return {
    domain: metering.domain ?? 'soc',
    kind: 'mean',
    start_s: Float64Array.from(rows, (row) => row.start_s),
    end_s: Float64Array.from(rows, (row) => row.end_s),
    energy_J: Float64Array.from(rows, (row) => row.energy_J),
    startPower_W: new Float64Array(0),
    endPower_W: new Float64Array(0),
  };
}

/** Samples between readings of an instantaneous gauge at the edges. */
export function gaugeSeries(
  course: PowerCourse,
  metering: Pick<Metering, 'domain' | 'edges_s'>,
): SampleSeries {
  const power_W = Float64Array.from(metering.edges_s, (t_s) => course.power_W(t_s));
  const start_s = Float64Array.from(metering.edges_s.slice(0, -1));
  const end_s = Float64Array.from(metering.edges_s.slice(1));
  const startPower_W = power_W.slice(0, -1);
  const endPower_W = power_W.slice(1);
  const energy_J = end_s.map(
    (t_s, i) => (((startPower_W[i] ?? 0) + (endPower_W[i] ?? 0)) / 2) * (t_s - (start_s[i] ?? 0)),
  );
  return {
    domain: metering.domain ?? 'soc',
    kind: 'gauge',
    start_s,
    end_s,
    energy_J,
    startPower_W,
    endPower_W,
  };
}

/** Edges `from_s … to_s` that lie `interval_s` apart, each width off by up to `jitter` of it. */
export function edgesBetween(
  span: { readonly from_s: number; readonly to_s: number },
  interval_s: number,
  jitter: () => number = () => 0,
): number[] {
  const edges = [span.from_s];
  for (let t_s = span.from_s; t_s < span.to_s; ) {
    t_s += interval_s * (1 + jitter());
    edges.push(t_s);
  }
  return edges;
}

/** Power that is constant in each cell of a grid from 0 on. */
export function courseOnGrid(cell_s: number, powers_W: Float64Array): PowerCourse {
  const before_J = new Float64Array(powers_W.length + 1);
  powers_W.forEach((power_W, i) => {
    before_J[i + 1] = (before_J[i] ?? 0) + power_W * cell_s;
  });
  const upTo_J = (t_s: number): number => {
    const cell = Math.min(powers_W.length - 1, Math.max(0, Math.floor(t_s / cell_s)));
    return (before_J[cell] ?? 0) + (powers_W[cell] ?? 0) * (t_s - cell * cell_s);
  };
  return {
    power_W: (t_s) => powers_W[Math.floor(t_s / cell_s)] ?? 0,
    energy_J: (from_s, to_s) => upTo_J(to_s) - upTo_J(from_s),
  };
}
