import type { Seconds } from '../../src/core/units.ts';
import { finite, isObject, jsonObject, textOf } from '../json-value.ts';
import { createLineParser } from '../line-parser.ts';
import type { Parser } from '../sampler.ts';
import { SourceClock } from '../source-clock.ts';
import { HwmonAccount, type HwmonReading } from './account.ts';
import { recordedDomain } from './recorded-domain.ts';

const EXCERPT = 80;

/** `{"at_s":…,"devices":[{"domain":"gpu:0","kind":"counter","number":…}]}` a line, as the driver's files state it. */
export function createHwmonParser(): Parser {
  const account = new HwmonAccount();
  const clock = new SourceClock();
  return createLineParser({
    line: (text, arrival_s) => {
      const beat = beatOf(text);
      if (beat === null) return [account.garbage(arrival_s, `no reading: ${text.slice(0, EXCERPT)}`)];
      return [account.take(beat.readings, clock.at_s(arrival_s, beat.at_s))];
    },
    dropped: (bytes, arrival_s) => account.garbage(arrival_s, `a line of ${bytes} bytes`),
  });
}

function beatOf(text: string): { readonly at_s: Seconds; readonly readings: HwmonReading[] } | null {
  const line = jsonObject(text);
  const at_s = finite(line?.['at_s']);
  const devices = line?.['devices'];
  if (at_s === null || !Array.isArray(devices)) return null;
  const readings = devices.map(readingOf);
  const known = readings.filter((reading) => reading !== null);
  return known.length === readings.length ? { at_s, readings: known } : null;
}

function readingOf(value: unknown): HwmonReading | null {
  if (!isObject(value)) return null;
  const domain = recordedDomain(textOf(value['domain']), textOf(value['kind']));
  return domain === null ? null : { domain, number: finite(value['number']), why: textOf(value['why']) };
}
