import { finite, isObject, jsonObject, textOf } from '../json-value.ts';
import { createLineParser } from '../line-parser.ts';
import type { Parser } from '../sampler.ts';
import { SourceClock } from '../source-clock.ts';
import { BatteryAccount } from './account.ts';
import { type BatteryReading, type LinuxBattery, readingOfIoreg, readingOfLinux } from './reading.ts';

const EXCERPT = 80;

/**
 * One reading a line: `{"at_s":…,"batteries":[{"status":"Discharging","power_uW":…}]}` in Linux' words, or
 * `{"at_s":…,"ioreg":"…"}` with what ioreg printed.
 */
export function createBatteryParser(): Parser {
  const account = new BatteryAccount();
  const clock = new SourceClock();
  return createLineParser({
    line: (text, arrival_s) => {
      const line = jsonObject(text);
      const at_s = finite(line?.['at_s']);
      const reading = readingOf(line?.['batteries'], textOf(line?.['ioreg']));
      if (at_s === null || reading === null) {
        return [account.garbage(arrival_s, `no reading: ${text.slice(0, EXCERPT)}`)];
      }
      return [account.take(reading, clock.at_s(arrival_s, at_s))];
    },
    dropped: (bytes, arrival_s) => account.garbage(arrival_s, `a line of ${bytes} bytes`),
  });
}

function readingOf(batteries: unknown, ioreg: string | null): BatteryReading | null {
  if (ioreg !== null) return readingOfIoreg(ioreg);
  if (!Array.isArray(batteries) || !batteries.every(isObject)) return null;
  return readingOfLinux(
    batteries.map(
      (battery): LinuxBattery => ({
        status: textOf(battery['status']),
        power_uW: finite(battery['power_uW']),
        current_uA: finite(battery['current_uA']),
        voltage_uV: finite(battery['voltage_uV']),
      }),
    ),
  );
}
