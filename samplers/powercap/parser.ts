import { S_PER_NS } from '../../src/core/units.ts';
import { finite, isObject, jsonObject, textOf } from '../json-value.ts';
import { createLineParser } from '../line-parser.ts';
import type { PowercapReading, PowercapZone } from '../privileged/powercap-reader.ts';
import type { Parser } from '../sampler.ts';
import { SourceClock } from '../source-clock.ts';
import { PowercapAccount } from './account.ts';

const EXCERPT = 80;

/** The lines of the privileged reader, one reading each, in any chunking → one batch each from the second on. */
export function createPowercapParser(): Parser {
  const account = new PowercapAccount();
  const clock = new SourceClock();
  return createLineParser({
    line: (text, arrival_s) => {
      const reading = readingOf(text);
      if (reading === null) return [account.trouble(arrival_s, `no reading: ${text.slice(0, EXCERPT)}`)];
      return account.take(reading.zones, clock.at_s(arrival_s, reading.at_ns * S_PER_NS));
    },
    dropped: (bytes, arrival_s) => account.trouble(arrival_s, `a line of ${bytes} bytes`),
  });
}

function readingOf(text: string): PowercapReading | null {
  const line = jsonObject(text);
  const at_ns = finite(line?.['at_ns']);
  const zones = line?.['zones'];
  if (at_ns === null || !Array.isArray(zones)) return null;
  const read = zones.map(zoneOf);
  const known = read.filter((zone) => zone !== null);
  return known.length === read.length ? { at_ns, zones: known } : null;
}

function zoneOf(value: unknown): PowercapZone | null {
  if (!isObject(value)) return null;
  const zone = textOf(value['zone']);
  const name = textOf(value['name']);
  if (zone === null || name === null) return null;
  return {
    zone,
    name,
    energy_uJ: finite(value['energy_uJ']),
    range_uJ: finite(value['range_uJ']),
    limit_uW: finite(value['limit_uW']),
    error: textOf(value['error']),
  };
}
