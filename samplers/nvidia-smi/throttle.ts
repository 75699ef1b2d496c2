/** Bits of `clocks_event_reasons.active`. Source: NVML, nvmlClocksEventReasons. */
const REASONS: readonly (readonly [bit: bigint, name: string])[] = [
  [0x1n, 'gpu_idle'],
  [0x2n, 'applications_clocks_setting'],
  [0x4n, 'sw_power_cap'],
  [0x8n, 'hw_slowdown'],
  [0x10n, 'sync_boost'],
  [0x20n, 'sw_thermal_slowdown'],
  [0x40n, 'hw_thermal_slowdown'],
  [0x80n, 'hw_power_brake_slowdown'],
  [0x100n, 'display_clock_setting'],
];

/** Heat or the supply. The power cap is no fault: boards run at it under load. */
const SLOWDOWNS: ReadonlySet<string> = new Set([
  'hw_slowdown',
  'sw_thermal_slowdown',
  'hw_thermal_slowdown',
  'hw_power_brake_slowdown',
]);

/** Names of the set bits, in order; a bit without a name stays a number. Null where the text is no mask. */
export function throttleReasons(text: string): string[] | null {
  if (!/^0x[0-9a-f]{1,16}$/i.test(text)) return null;
  let rest = BigInt(text);
  const names: string[] = [];
  for (const [bit, name] of REASONS) {
    if ((rest & bit) === 0n) continue;
    names.push(name);
    rest &= ~bit;
  }
  return rest === 0n ? names : [...names, `0x${rest.toString(16)}`];
}

/** Those of the names that mean less work for a reason outside the work. */
export function slowdownsOf(names: readonly string[]): string[] {
  return names.filter((name) => SLOWDOWNS.has(name));
}
