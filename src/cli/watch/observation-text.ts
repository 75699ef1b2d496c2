import { significant } from '../../core/number-text.ts';
import type { Observation } from '../../core/sample.ts';
import { HZ_PER_MHz, PERCENT_PER_RATIO } from '../../core/units.ts';
import { safeText } from '../text-table.ts';

interface Ending {
  readonly ending: RegExp;
  readonly unit: string;
  readonly factor: number;
}

/** Units by the end of an observation's name. */
const ENDINGS: readonly Ending[] = [
  { ending: /_C$/, unit: '°C', factor: 1 },
  { ending: /_MHz$/, unit: 'MHz', factor: 1 },
  { ending: /_Hz$/, unit: 'MHz', factor: 1 / HZ_PER_MHz },
  { ending: /_?[rR]atio$/, unit: '%', factor: PERCENT_PER_RATIO },
  { ending: /_percent$/, unit: '%', factor: 1 },
  { ending: /_W$/, unit: 'W', factor: 1 },
  { ending: /_B$/, unit: 'B', factor: 1 },
  { ending: /_s$/, unit: 's', factor: 1 },
];
/** Heat and speed come first: they change the number that is measured. */
const FIRST = /thermal|temp|_C$|throttl|clock|freq|_M?Hz$/i;
const SECOND = /load|idle|busy|utili[sz]ation/i;

/** `gpu_freq_Hz` 444000000 → `gpu freq 444 MHz`. Control characters are made visible. */
export function observationText({ name, value }: Observation): string {
  const known = ENDINGS.find(({ ending }) => ending.test(name));
  const words = safeText((known === undefined ? name : name.replace(known.ending, '')).replaceAll('_', ' '));
  if (typeof value === 'string' || known === undefined)
    return `${words} ${typeof value === 'string' ? safeText(value) : significant(value)}`;
  return `${words} ${significant(value * known.factor)} ${known.unit}`;
}

/** Heat and clocks before load, load before the rest, each in the order in which they came. Notes are events, no state: left out. */
export function inOrderOfInterest(observations: readonly Observation[]): Observation[] {
  const states = observations.filter(({ name }) => name !== 'note');
  const place = ({ name }: Observation): number => {
    if (FIRST.test(name)) return 0;
    return SECOND.test(name) ? 1 : 2;
  };
  return [...states].sort((a, b) => place(a) - place(b));
}
