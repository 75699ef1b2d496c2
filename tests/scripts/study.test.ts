import { describe, expect, test } from 'vitest';
import { effortOf, pageText, type Section } from '../../scripts/study/page.ts';
import { PREFACE, SECTIONS } from '../../scripts/study/sections.ts';

/** Speed is left out: a test machine that is busy proves nothing of it. */
const SHOWN = Object.entries(SECTIONS).filter(([name]) => name !== 'speed');
/** A busy machine takes its time: nothing here waits for a clock. */
const BUSY_ms = 60_000;
const sections = new Map<string, Section>();

describe('the study, in little', () => {
  test.each(SHOWN)(
    '%s has its figures',
    (name, run) => {
      const section = run(effortOf(0));
      sections.set(name, section);
      expect(section.method.join(' ')).toMatch(/Seed/);
      expect(section.findings.length + section.tables.length).toBeGreaterThan(0);
      for (const { bar, found } of section.findings) {
        expect(bar).not.toBe('');
        expect(found).not.toMatch(/^$|NaN|undefined/);
      }
      for (const { head, rows } of section.tables) {
        for (const row of rows) expect(row).toHaveLength(head.length);
        expect(rows.flat().join(' ')).not.toMatch(/NaN|undefined|Infinity/);
      }
    },
    BUSY_ms,
  );

  test.each(SHOWN.slice(2, 3))('%s gives the same page again', (name, run) => {
    expect(run(effortOf(0))).toEqual(sections.get(name));
  });

  test('every bar stands on the page with its verdict, and every chart is linked', () => {
    const all = [...sections.values()];
    const page = pageText(all, PREFACE);
    for (const { findings, charts } of all) {
      for (const { what, bar } of findings) expect(page).toContain(`${what} | ${bar}`);
      for (const { file } of charts) expect(page).toContain(`](${file})`);
    }
    expect(page).not.toMatch(/20\d\d-\d\d-\d\d/);
  });

  test('a failed bar is said plainly', () => {
    const finding = { what: 'error', bar: '≤ 1 %', found: '2 %', passed: false };
    const section: Section = { title: 'T', method: [], findings: [finding], tables: [], charts: [] };
    expect(pageText([section], [])).toContain('| error | ≤ 1 % | 2 % | **FAIL** |');
  });
});
