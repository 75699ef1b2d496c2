import type { RunDocument, TrialResult } from './result.ts';

/** Whose memory a figure is: that of the server's processes, of GPU boards, or of both. */
export type MemoryOf = 'server+gpu' | 'server' | 'gpu';

export interface MemoryTaken {
  readonly memory_B: number;
  readonly of: MemoryOf;
}

const GPU_BOARD = /^gpu(?::|$)/;

/**
 * The most memory in use while these trials were answered; of server and boards together where both were read. Null: neither was, or
 * the server's alone beside a GPU whose memory nobody states, where the weights may well lie.
 */
export function memoryTaken(
  { domains }: Pick<RunDocument, 'domains'>,
  trials: readonly Pick<TrialResult, 'completion' | 'memory'>[],
): MemoryTaken | null {
  const read = trials.flatMap(({ completion, memory }) => (completion?.error === null ? (memory ?? []) : []));
  const hasBoard = domains.some(({ id }) => GPU_BOARD.test(id));
  const both = read.map(({ gpu_B, server_B }) =>
    gpu_B === null || server_B === null ? null : gpu_B + server_B,
  );
  return (
    most('server+gpu', both) ??
    most('server', hasBoard ? [] : read.map(({ server_B }) => server_B)) ??
    most(
      'gpu',
      read.map(({ gpu_B }) => gpu_B),
    )
  );
}

function most(of: MemoryOf, values_B: readonly (number | null)[]): MemoryTaken | null {
  const memory_B = values_B.reduce(
    (peak, value) => (value !== null && value > (peak ?? 0) ? value : peak),
    null,
  );
  return memory_B === null ? null : { memory_B, of };
}
