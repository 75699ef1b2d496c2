import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { markdownReport } from '../../src/rendering/markdown.ts';
import { speedsSection } from '../../src/rendering/page-speeds.ts';
import { speedsWithoutEnergy } from '../../src/rendering/speeds.ts';
import { documentOf } from '../support/documents.ts';
import { PLAIN, plainSession } from '../support/plain-session.ts';

const unmetered = analyze(plainSession({ series: [] }));

describe('speeds of a run without energy', () => {
  test('are tokens over the time of its requests', () => {
    const [speed, ...rest] = speedsWithoutEnergy([unmetered]);
    expect(rest).toEqual([]);
    expect(speed?.tokPerS).toBeCloseTo(10 / (PLAIN.ended_s - PLAIN.requested_s));
    expect(speed).toMatchObject({ by: 'lmpower', model: 'some-model', n: 1 });
  });

  test('leave out a request that failed', () => {
    const failed = analyze(
      plainSession({ series: [], completion: { error: { code: 'BACKEND_TIMEOUT', message: 'silent' } } }),
    );
    expect(speedsWithoutEnergy([failed])).toEqual([]);
  });

  test('stand on the page and in Markdown, whose table of joules would be empty', () => {
    expect(speedsSection([unmetered]).html).toContain('some-model');
    const text = markdownReport([unmetered]);
    expect(text).toMatch(/\| some-model \| short \| 0\.714 \|/);
    expect(text).not.toContain('net J/token');
  });

  test('say who measured them', () => {
    const imported = {
      ...unmetered,
      environment: { ...unmetered.environment, imported: { program: 'llama-bench', file: 'x.json' } },
    };
    expect(speedsSection([imported]).html).toContain('llama-bench');
  });

  test('are nothing where there is energy', () => {
    expect(speedsWithoutEnergy([documentOf()])).toEqual([]);
    expect(speedsSection([documentOf()]).html).toBe('');
  });
});
