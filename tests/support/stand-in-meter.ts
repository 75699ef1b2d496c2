import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../fixtures/executables/meter.mjs', import.meta.url));

export type MeterBehaviour =
  | 'tells'
  | 'frames'
  | 'ends'
  | 'hangs'
  | 'stubborn'
  | 'dies'
  | 'lingers'
  | 'fills'
  | 'floods'
  | 'leaves';

/** A real process that behaves as told; for `directLaunch` and, spread, for a command. */
export function standInMeter(behaviour: MeterBehaviour, argument = '-') {
  return { file: process.execPath, leading: [SCRIPT, behaviour, argument] } as const;
}
