import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { Estimate, RunDocument } from '../../src/core/result.ts';
import { answerOf } from '../../src/rendering/answer.ts';
import { markdownReport } from '../../src/rendering/markdown.ts';
import { HOSTILE_NAME, renamed } from '../support/odd-rows.ts';
import { plainSession } from '../support/plain-session.ts';
import { rowsOf, SAMPLE_MODELS, sampleRecording } from '../support/report-rows.ts';

const two = sampleRecording({ models: SAMPLE_MODELS.slice(0, 2) });

function withNet(document: RunDocument, estimates: Readonly<Record<string, Estimate>>): RunDocument {
  return {
    ...document,
    summary: document.summary.map((one) => ({
      ...one,
      net_JPerTok: estimates[one.model] ?? one.net_JPerTok,
    })),
  };
}

function estimate(value: number, half: number | null): Estimate {
  return { value, ci95: half === null ? null : [value - half, value + half], spread: null };
}

describe('answerOf', () => {
  const document = analyze(two);
  const [a, b] = ['qwen3-4b@q4_k_m', 'qwen3-4b@q8_0'];

  test('names the cheapest, by how much, and that the intervals are apart', () => {
    const answer = answerOf([withNet(document, { [a]: estimate(0.75, 0.01), [b]: estimate(1, 0.01) })]);
    expect(answer.sentence).toBe(
      `${a} costs least: 0.750 J per output token, net of idle, 25 % less than ${b}.`,
    );
    expect(answer.sureness[0]).toContain('do not overlap');
    expect(answer.sureness[1]).toContain('soc (CPU+GPU+ANE estimate, no DRAM)');
  });

  test('overlapping intervals leave the order open, and so do missing ones', () => {
    const open = answerOf([withNet(document, { [a]: estimate(0.99, 0.02), [b]: estimate(1, 0.02) })]);
    expect(open.sureness[0]).toContain('overlap: the order is not certain');
    const single = answerOf([withNet(document, { [a]: estimate(0.9, null), [b]: estimate(1, 0.02) })]);
    expect(single.sureness[0]).toContain('the order may be chance');
  });

  test('a figure of another scope or workload is not compared, and it says so', () => {
    const other = analyze(plainSession({ domain: { scope: 'whole machine' } }));
    const answer = answerOf([withNet(document, { [a]: estimate(0.7, 0.01), [b]: estimate(1, 0.01) }), other]);
    expect(answer.sureness.join(' ')).toContain('1 more stand in the ranking under another');
    expect(
      answerOf([other, withNet(analyze(sampleRecording({ models: SAMPLE_MODELS.slice(0, 1) })), {})])
        .sentence,
    ).not.toContain('less than');
  });

  test('without net it quotes gross and says so; without any joule it says why', () => {
    const gross = answerOf(
      [withNet(document, { [a]: estimate(Number.NaN, null), [b]: estimate(Number.NaN, null) })].map(
        (one) => ({
          ...one,
          summary: one.summary.map((summary) => ({
            ...summary,
            net_JPerTok: { value: null, ci95: null, spread: null },
          })),
        }),
      ),
    );
    expect(gross.sentence).toContain('idle power included');
    const none: RunDocument = {
      ...document,
      summary: document.summary.map((one) => ({
        ...one,
        net_JPerTok: { value: null, ci95: null, spread: null },
        gross_JPerTok: { value: null, ci95: null, spread: null },
        codes: ['NOT_BRACKETED'],
      })),
    };
    expect(answerOf([none])).toMatchObject({
      sentence: 'No joule can be given for any configuration.',
      sureness: ['NOT_BRACKETED: the meter has no reading before or after this window.'],
    });
    expect(answerOf([]).sentence).toContain('No energy was measured');
  });
});

describe('markdownReport', () => {
  test('leads with the answer and ranks by net J/token', () => {
    const lines = markdownReport(rowsOf(two).documents).split('\n');
    expect(lines[0]).toMatch(/^\*\*qwen3-4b@q4\\_k\\_m costs least/);
    expect(lines.filter((line) => line.startsWith('| qwen')).map((line) => line.split(' | ')[0])).toEqual([
      '| qwen3-4b@q4\\_k\\_m',
      '| qwen3-4b@q8\\_0',
    ]);
  });

  test('a hostile name neither ends its cell nor starts markup', () => {
    const text = markdownReport(renamed(HOSTILE_NAME).documents);
    const row = text.split('\n').find((line) => line.includes('onerror'));
    expect(text).not.toMatch(/(?<!\\)<|\u202e|\p{Cs}/u);
    expect(row?.match(/(?<!\\)\|/g) ?? []).toHaveLength(row?.startsWith('|') === true ? 10 : 0);
  });

  test('says SIMULATED first', () => {
    expect(markdownReport(rowsOf(sampleRecording({ simulated: true, repetitions: 1 })).documents)).toMatch(
      /^\*\*SIMULATED\*\*/,
    );
  });
});
