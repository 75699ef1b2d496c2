import type { Domain } from './sample.ts';

/** Who made a GPU. */
export type BoardMaker = 'nvidia' | 'amd' | 'intel';

/** Sources that read boards of one maker only. */
const MAKER_OF_SOURCE: Readonly<Record<string, BoardMaker>> = {
  'nvidia-smi': 'nvidia',
  'amd-smi': 'amd',
  'rocm-smi': 'amd',
  'intel-gpu-top': 'intel',
  'xpu-smi': 'intel',
};
/** Drivers that hwmon names in the scope of its domains. */
const MAKER_OF_DRIVER: readonly (readonly [RegExp, BoardMaker])[] = [
  [/\bamdgpu\b/, 'amd'],
  [/\bnouveau\b/, 'nvidia'],
  [/\b(?:i915|xe)\b/, 'intel'],
];
/** What AMD calls boards of their own, as against `Radeon 780M Graphics` inside a processor. */
const DISCRETE_AMD = /\b(?:RX|PRO|VII|Instinct|MI\d+X?)\b/;
/** Processor and GPU in one socket. */
const AMD_SOCKET = /\bMI300A\b/;

type Board = Pick<Domain, 'id' | 'label' | 'parent' | 'rank' | 'scope' | 'source'>;

/** A whole GPU board: `gpu`, `gpu:0`, `gpu:0@hwmon`; not the GPU rail of a chip. */
export function isBoard({ id, parent, rank }: Pick<Domain, 'id' | 'parent' | 'rank'>): boolean {
  return rank >= 2 && parent === null && /^gpu(?::\d+)?(?:@.*)?$/.test(id);
}

/** Null: neither the source nor the scope tells. */
export function boardMaker({ scope, source }: Pick<Board, 'scope' | 'source'>): BoardMaker | null {
  const known = MAKER_OF_SOURCE[source.replace(/^replay:/, '')];
  return known ?? MAKER_OF_DRIVER.find(([driver]) => driver.test(scope))?.[1] ?? null;
}

/**
 * A board outside the processor's package, as far as is known: AMD's tools call the GPU inside a processor a board as
 * well, and only its name tells. Unknown is no: what may be counted twice is not added.
 */
export function isDiscrete(board: Board): boolean {
  const maker = boardMaker(board);
  if (!isBoard(board) || maker === null) return false;
  if (maker !== 'amd' || /\bamdgpu\b/.test(board.scope)) return true;
  return DISCRETE_AMD.test(board.label) && !AMD_SOCKET.test(board.label);
}
