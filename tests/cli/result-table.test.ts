import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/cli/display-width.ts';
import { resultLines } from '../../src/cli/result-table.ts';
import { documentOf } from '../support/documents.ts';
import { completionOf, domainOf, planOf, runRecordOf, trialOf } from '../support/recording.ts';

const TIMES = { baseline_s: 1, requested_s: 11, ended_s: 25, cooledDown_s: 35 };
const TRUTH = { gross_J: 350, net_J: 280, prefill_J: null, decode_J: null };
const simulated = () =>
  documentOf({ run: runRecordOf({ simulated: true }), trials: [trialOf(TIMES, { truth: TRUTH })] });

describe('resultLines', () => {
  test('begins with the answer: the model, its net and gross joules per token, what they cover', () => {
    const [first, second, third] = resultLines(documentOf(), 100);
    // 20 W above idle for 14 s, 10 tokens.
    expect(first).toMatch(/^some-model: 28\.\d J\/token net, 35\.\d gross$/);
    expect(second).toMatch(/^0\.7 tok\/s, .* tok\/s\/W · grade A · n = 1 · classic-v1$/);
    expect(third).toBe('soc: CPU+GPU+ANE estimate, no DRAM');
  });

  test('has a line for each trial and each rail', () => {
    const lines = resultLines(
      documentOf({ trials: [trialOf(TIMES), trialOf(TIMES, { index: 1, repetition: 1 })] }),
      100,
    );
    expect(lines.filter((line) => line.startsWith('p1 '))).toHaveLength(2);
    expect(lines.find((line) => line.startsWith('p1 #2'))).toBeDefined();
    expect(lines.find((line) => line.startsWith('cpu '))).toContain('CPU estimate');
  });

  test('names the model on every line where there are several, and on none where there is one', () => {
    const two = [trialOf(TIMES), trialOf(TIMES, { index: 1, model: 'another' })];
    const lines = resultLines(documentOf({ trials: two }), 100);
    expect(lines.filter((line) => /^(?:some-model|another) +p1 /.test(line))).toHaveLength(2);
    expect(resultLines(documentOf(), 100).some((line) => line.startsWith('model '))).toBe(false);
  });

  test('says what each doubt means and what to do about it', () => {
    const text = resultLines(documentOf(), 100).join('\n');
    expect(text).toContain('FEW_TRIALS ×1 (info): too few repetitions');
    expect(text).toContain('  → repeat with --trials 5 or more');
  });

  test('names a wider domain that was passed over, and why, beside the answer', () => {
    const passedOver = [{ domain: 'wall', n: 1, count: 12, codes: ['COVERAGE_LOW'] as const }];
    const lines = resultLines({ ...documentOf(), passedOver }, 100);
    expect(lines).toContain('wall is wider, but has joules for 1 of 12: COVERAGE_LOW');
    expect(lines.indexOf('wall is wider, but has joules for 1 of 12: COVERAGE_LOW')).toBeLessThan(6);
  });

  test('labels what is simulated first of all, and sets the truth beside the measured', () => {
    const lines = resultLines(simulated(), 100);
    expect(lines[0]).toMatch(/^SIMULATED: .*lmpower demo/);
    expect(lines.find((line) => line.startsWith('p1 gross'))).toMatch(/350\.\d\d +350\.00 +-?\d\.\d\d %/);
    expect(lines.find((line) => line.startsWith('p1 net'))).toContain('280.00');
  });

  test('does not call made-up watts those of the demo', () => {
    const run = runRecordOf({ simulated: true });
    const [first] = resultLines(documentOf({ run, domains: [domainOf({ source: 'synthetic' })] }), 100);
    expect(first).toBe('SIMULATED: the watts below are made up');
  });

  test('says so where there is no energy, and still tells the speed', () => {
    const lines = resultLines(documentOf({ domains: [], series: [] }), 100);
    expect(lines[0]).toMatch(/^No energy: .*lmpower doctor/);
    expect(lines.find((line) => line.startsWith('p1 '))).toMatch(/ 10 /);
  });

  test('says nothing of simulation, truth or missing energy where there is none', () => {
    const text = resultLines(documentOf(), 100).join('\n');
    expect(text).not.toMatch(/SIMULATED|truth|No energy/);
  });

  test.each([80, 60, 40])('fits a screen of %d columns', (width) => {
    for (const line of resultLines(simulated(), width)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  test('fits 80 columns with a long and wide model name and prompt, and lets neither act on the screen', () => {
    const model = `publisher/${'モデル🚀'.repeat(12)}\u001b[2J`;
    const promptId = `prompt-${'x'.repeat(90)}\r`;
    const trial = trialOf(TIMES, { model, promptId, completions: [completionOf(TIMES, { promptId })] });
    const lines = resultLines(
      documentOf({ run: runRecordOf({ plan: planOf({ models: [model] }) }), trials: [trial] }),
      80,
    );
    const tables = lines.filter((line) => !line.startsWith('publisher/'));
    for (const line of tables) expect(displayWidth(line)).toBeLessThanOrEqual(80);
    expect(lines.join('\n')).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
