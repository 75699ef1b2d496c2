import { LmpowerError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';

/** AR(1) multiplicative noise, constant within cells of a fixed grid on the boot's clock. */
export interface NoiseSettings {
  /** Standard deviation relative to the level, 0–0.3. */
  readonly deviationRatio: number;
  /** Time after which the autocorrelation has fallen to 1/e; 0 is white from cell to cell. */
  readonly correlation_s: Seconds;
  readonly cell_s: Seconds;
}

/** Factor on the level, about 1, never negative, for any cell; a pure function of seed, stream and cell index. */
export interface Noise {
  readonly cell_s: Seconds;
  factorOf(cell: number): number;
}

const BLOCK_CELLS = 512;
const KEPT_BLOCKS = 64;
/** What is left of a forgotten past after the run-in before each block, relative to the deviation. */
const FORGOTTEN = 1e-12;
const MAX_DEVIATION_RATIO = 0.3;

/**
 * Any cell can be asked for in any order and process and gives the same factor: draws are hashed from the cell's index,
 * and each block of cells runs the recursion in from so far back that the start no longer shows. Memory is bounded.
 * @throws {LmpowerError} USAGE for a deviation outside 0–0.3, a negative correlation time or an empty cell.
 */
export function createNoise(settings: NoiseSettings, seed: number, stream: number): Noise {
  checkNoise(settings);
  const { cell_s, deviationRatio } = settings;
  if (deviationRatio === 0) return { cell_s, factorOf: () => 1 };
  const blocks = new Map<number, Float64Array>();
  const blockAt = (index: number): Float64Array => {
    const kept = blocks.get(index);
    if (kept !== undefined) return kept;
    const made = makeBlock(settings, index, (cell) => normalOf(seed, stream, cell));
    const oldest = blocks.keys().next();
    if (blocks.size >= KEPT_BLOCKS && oldest.done === false) blocks.delete(oldest.value);
    blocks.set(index, made);
    return made;
  };
  const factorOf = (cell: number): number => {
    const index = Math.floor(cell / BLOCK_CELLS);
    return blockAt(index)[cell - index * BLOCK_CELLS] ?? 1;
  };
  return { cell_s, factorOf };
}

function checkNoise({ deviationRatio, correlation_s, cell_s }: NoiseSettings): void {
  const good =
    deviationRatio >= 0 && deviationRatio <= MAX_DEVIATION_RATIO && correlation_s >= 0 && cell_s > 0;
  if (!good || !Number.isFinite(correlation_s) || !Number.isFinite(cell_s)) {
    throw new LmpowerError(
      'USAGE',
      `noise needs a deviation of 0–${MAX_DEVIATION_RATIO}, a correlation time of 0 or more and a cell above 0: ` +
        `${deviationRatio}, ${correlation_s} s, ${cell_s} s`,
    );
  }
}

function makeBlock(settings: NoiseSettings, index: number, draw: (cell: number) => number): Float64Array {
  const { cell_s, correlation_s, deviationRatio } = settings;
  const rho = correlation_s === 0 ? 0 : Math.exp(-cell_s / correlation_s);
  const fresh = Math.sqrt(1 - rho * rho);
  const runIn = rho === 0 ? 0 : Math.ceil(Math.log(FORGOTTEN) / Math.log(rho));
  const first = index * BLOCK_CELLS;
  let state = draw(first - runIn - 1);
  for (let cell = first - runIn; cell < first; cell++) state = rho * state + fresh * draw(cell);
  const factors = new Float64Array(BLOCK_CELLS);
  for (let i = 0; i < BLOCK_CELLS; i++) {
    state = rho * state + fresh * draw(first + i);
    factors[i] = Math.max(0, 1 + deviationRatio * state);
  }
  return factors;
}

/** Standard normal draw of one cell. Source: Box and Muller 1958. */
export function normalOf(seed: number, stream: number, cell: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniformOf(seed, stream, 2 * cell)));
  return radius * Math.cos(2 * Math.PI * uniformOf(seed, stream, 2 * cell + 1));
}

/** Uniform draw in [0, 1), hashed from its three keys; no state, so any order of calls gives the same draws. */
export function uniformOf(seed: number, stream: number, index: number): number {
  let hash = mix32(seed ^ 0x9e3779b9);
  hash = mix32(hash ^ Math.imul(stream + 1, 0x85ebca6b));
  hash = mix32(hash ^ Math.floor(index / 2 ** 32));
  hash = mix32(hash + (index | 0));
  return (mix32(hash ^ 0x27d4eb2f) >>> 0) / 2 ** 32;
}

/** Finalizer of MurmurHash3, 32 bit. Source: Appleby, public domain. */
function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
