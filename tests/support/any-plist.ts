import * as fc from 'fast-check';

/** Keys that matter somewhere, so that they turn up in wrong places as well. */
const KEYS = [
  'is_delta',
  'elapsed_ns',
  'hw_model',
  'kern_osversion',
  'thermal_pressure',
  'processor',
  'gpu',
  'clusters',
  'name',
  'cpus',
  'cpu_energy',
  'gpu_energy',
  'ane_energy',
  'dram_energy',
  'cpu_power',
  'gpu_power',
  'combined_power',
  'freq_hz',
  'idle_ns',
  'idle_ratio',
  'dvfm_states',
  'used_ns',
  'tasks',
] as const;

/** Text that may stand between two tags and changes nothing. */
const FILLERS = [
  '',
  '\n',
  '\n\t\t',
  '  ',
  'invalid=true\n',
  '<!-- note -->',
  '<!-- <key>cpu_energy</key><integer>1</integer> </dict></array> <array> -->',
  '<?note </dict> ?>',
  '<![CDATA[</array><dict>]]>',
] as const;

const STRINGS = ['', 'Nominal', 'E-Cluster', 'P0-Cluster', 'cpu_energy', 'a > b', 'array> dict>', 'naïve ☃'];

const numeral = fc.oneof(
  fc.integer({ min: -10, max: 2_000_000_000 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('nan', 'inf', '-nan', '', ' 12 ', '+7', '.5', '5.', '1e3', '007', '12345678901234567890'),
);

const filler = fc.constantFrom(...FILLERS);
const key = fc.constantFrom(...KEYS);
const { value } = fc.letrec<{ value: string; dict: string; array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(fc.constantFrom('integer', 'real'), numeral)
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `<${name}>${text}</${name}>`),
    fc.constantFrom(...STRINGS).map((text) => `<string>${text}</string>`),
    fc.constantFrom(
      '<true/>',
      '<false/>',
      '<true></true>',
      '<string/>',
      '<dict/>',
      '<array/>',
      '<data></data>',
    ),
    fc.constant('<date>2026-01-05T10:20:30Z</date>'),
    tie('dict'),
    tie('array'),
  ),
  dict: fc
    .array(fc.tuple(filler, key, filler, tie('value')), { maxLength: 6 })
    .chain((entries) => filler.map((last) => `<dict>${entriesText(entries)}${last}</dict>`)),
  array: fc
    .array(fc.tuple(filler, tie('value')), { maxLength: 4 })
    .map((elements) => `<array>${elements.map((element) => element.join('')).join('')}</array>`),
}));

type Entry = readonly [string, string, string, string];

function entriesText(entries: readonly Entry[]): string {
  return entries.map(([lead, name, gap, text]) => `${lead}<key>${name}</key>${gap}${text}`).join('');
}

const section = fc.tuple(filler, fc.constantFrom(...KEYS), filler, value);

function dictOf(names: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.tuple(filler, fc.constantFrom(...names), filler, value), { maxLength: 12 })
    .map((entries) => `<dict>${entriesText(entries)}</dict>`);
}

const states = fc
  .array(dictOf(['used_ns', 'freq', 'used_ratio']), { maxLength: 4 })
  .map((elements) => `<array>${elements.join('\n')}</array>`);
const processor = dictOf([
  'cpu_energy',
  'gpu_energy',
  'ane_energy',
  'cpu_power',
  'combined_power',
  'clusters',
]);
const gpu = fc
  .tuple(dictOf(['freq_hz', 'idle_ns', 'gpu_energy', 'idle_ratio']), states)
  .map(([text, array]) => `${text.slice(0, -'</dict>'.length)}<key>dvfm_states</key>${array}</dict>`);

/** Property lists that any XML reader accepts: the tool's shape, with the same keys strewn everywhere else too. */
export const anyPlist: fc.Arbitrary<string> = fc
  .tuple(fc.array(section, { maxLength: 6 }), processor, gpu, filler)
  .map(([sections, first, second, last]) => {
    const body = `${entriesText(sections)}<key>processor</key>${first}<key>gpu</key>${second}${last}`;
    return `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>${body}</dict>\n</plist>`;
  });
