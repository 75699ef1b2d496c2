import type { Domain } from '../../src/core/sample.ts';
import type { Seconds, Watts } from '../../src/core/units.ts';
import { domainOf } from '../channel.ts';
import { SOURCE } from './devices.ts';

/** A recording does not hold the driver's limits: the widest. */
const MOST_W: Watts = 3000;
const AVERAGING_s: Seconds = 1;

/** Declaration of a domain that only a recording names; null for what no device of ours is called. */
export function recordedDomain(id: string | null, kind: string | null): Domain | null {
  const [, name] = /^(gpu|soc|system)(?::\d{1,3})?$/.exec(id ?? '') ?? [];
  if (id === null || name === undefined) return null;
  if (kind !== 'counter' && kind !== 'gauge' && kind !== 'averaged') return null;
  return domainOf({
    id,
    label: id,
    scope: `${id} by its driver, recorded`,
    source: SOURCE,
    kind,
    rank: name === 'system' ? 3 : name === 'soc' ? 1 : 2,
    maxPower_W: MOST_W,
    averaging_s: kind === 'averaged' ? AVERAGING_s : null,
  });
}
