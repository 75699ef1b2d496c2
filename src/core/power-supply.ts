/** A folder of Linux' power_supply class, as far as it is readable. */
export interface PowerSupply {
  readonly type: string | undefined;
  readonly online: string | undefined;
  readonly status: string | undefined;
  /** `Device`: of a mouse or a headset. */
  readonly scope: string | undefined;
}

/**
 * A mains or USB supply that is online, else a battery of the machine (not of a mouse) that discharges; null where
 * neither tells. Source: Documentation/ABI/testing/sysfs-class-power.
 */
export function poweredBy(supplies: readonly PowerSupply[]): 'ac' | 'battery' | null {
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  if (own.some(({ type, online }) => type !== 'Battery' && online === '1')) return 'ac';
  const batteries = own.filter(({ type }) => type === 'Battery');
  if (batteries.some(({ status }) => status === 'Discharging')) return 'battery';
  return batteries.some(({ status }) => status === 'Charging' || status === 'Full') ? 'ac' : null;
}
