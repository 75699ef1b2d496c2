import { describe, expect, test } from 'vitest';
import { headlineDomain, powerIn } from '../../src/orchestrator/baseline.ts';
import { SOC } from '../support/scripted-run.ts';

const SYSTEM = { ...SOC, id: 'system', rank: 3 };
const reading = (domain: string, at_s: number, width_s = 0.5) => ({
  domain,
  power_W: 5,
  start_s: at_s - width_s,
  at_s,
});
type Reading = ReturnType<typeof reading>;
const chosen = (readings: readonly Reading[], kept: string | null = null) =>
  headlineDomain({ domains: () => [SOC, SYSTEM], latest: () => readings }, 500, kept);

describe('headlineDomain', () => {
  test.each([
    ['the widest of those that are read', [reading('soc', 60), reading('system', 59)], 'system'],
    ['not one that was announced and says nothing', [reading('soc', 60)], 'soc'],
    ['not one that fell silent', [reading('soc', 60), reading('system', 50)], 'soc'],
    [
      'one that is read seldom, between two of its readings',
      [reading('soc', 60), reading('system', 46, 5)],
      'system',
    ],
    ['none where nothing is read', [], null],
  ] as const)('%s', (_name, readings, expected) => {
    expect(chosen(readings)).toBe(expected);
  });

  test('the one that was read so far stays while it is read, whatever else joins', () => {
    expect(chosen([reading('soc', 60), reading('system', 60)], 'soc')).toBe('soc');
    expect(chosen([reading('soc', 50), reading('system', 60)], 'soc')).toBe('system');
  });
});

describe('powerIn', () => {
  test('the warm-up counts in its own domain only', () => {
    const warmup = { domain: 'system', power_W: 200 };
    expect(powerIn(warmup, 'system')).toBe(200);
    expect(powerIn(warmup, 'soc')).toBeNull();
    expect(powerIn(null, 'soc')).toBeNull();
  });
});
