import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { closureLines } from '../../src/cli/closure-lines.ts';
import { resultLines } from '../../src/cli/result-table.ts';
import { PLAIN, plainSeries, plainSession } from '../support/plain-session.ts';
import { stepsThrough } from '../support/power-course.ts';
import { domainOf } from '../support/recording.ts';

const SYSTEM = domainOf({ id: 'system', source: 'other', rank: 3, maxPower_W: 100 });
const WHOLE = stepsThrough(
  [
    [0, 20],
    [PLAIN.requested_s, 60],
    [PLAIN.ended_s, 20],
  ],
  PLAIN.end_s,
);

describe('closureLines', () => {
  test('says by phase which part of the widest domain the chip took', () => {
    const document = analyze(
      plainSession({
        series: [plainSeries(), plainSeries(WHOLE, 'system')],
        recording: { domains: [domainOf(), SYSTEM] },
      }),
    );
    const [line, ...others] = closureLines(document);
    expect(others).toEqual([]);
    expect(line).toMatch(
      /^closure soc ÷ system: baseline 25\.\d %, inference (49\.\d|50\.\d) %, cooldown 25\.\d %$/,
    );
    expect(resultLines(document, 120).join('\n')).toContain('closure soc ÷ system');
  });

  test('says nothing where the headline is the only whole', () => {
    const rail = domainOf({ id: 'cpu', parent: 'soc', rank: 0 });
    const document = analyze(
      plainSession({
        series: [plainSeries(), plainSeries(undefined, 'cpu')],
        recording: { domains: [domainOf(), rail] },
      }),
    );
    expect(closureLines(document)).toEqual([]);
    expect(closureLines(analyze(plainSession({ series: [] })))).toEqual([]);
  });
});

describe('processor time in the table', () => {
  const observations = [
    { source: 'environment', name: 'server_cpu_s', at_s: PLAIN.requested_s, value: 1 },
    { source: 'environment', name: 'server_cpu_s', at_s: PLAIN.ended_s, value: 41 },
  ];

  test('stands in where no meter is', () => {
    const lines = resultLines(analyze(plainSession({ series: [], recording: { observations } })), 120).join(
      '\n',
    );
    expect(lines).toContain('CPU s/tok');
    expect(lines).toMatch(/4\.00\s*$/m);
  });

  test('is not put beside joules, nor promised where it is not known', () => {
    expect(resultLines(analyze(plainSession({ recording: { observations } })), 200).join('\n')).not.toContain(
      'CPU s/tok',
    );
    expect(resultLines(analyze(plainSession({ series: [] })), 200).join('\n')).not.toContain('CPU s/tok');
  });
});
