import { setFlagsFromString } from 'node:v8';

/** V8's own default: its youngest objects get twice the room each time that many of them survive. */
const GROWTH_FACTOR = 2;
let holders = 0;

/**
 * While meters are recorded, the room for the youngest objects stays as it is: it would become 48 MB, of which a recording,
 * which keeps little, has no use. Returns what ends it; several recordings may hold it at once.
 */
export function keepHeapSmall(): () => void {
  holders += 1;
  setFlagsFromString('--semi-space-growth-factor=1');
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    holders -= 1;
    if (holders === 0) setFlagsFromString(`--semi-space-growth-factor=${GROWTH_FACTOR}`);
  };
}
