import { describe, expect, test } from 'vitest';
import { headlineDomain } from '../../src/orchestrator/baseline.ts';
import { SOC } from '../support/scripted-run.ts';

const SYSTEM = { ...SOC, id: 'system', rank: 3 };
const reading = (domain: string, at_s: number) => ({ domain, power_W: 5, at_s });
const chosen = (...readings: ReturnType<typeof reading>[]) =>
  headlineDomain({ domains: () => [SOC, SYSTEM], latest: () => readings }, 500)?.id ?? null;

describe('headlineDomain', () => {
  test.each([
    ['the widest of those that are read', [reading('soc', 60), reading('system', 59)], 'system'],
    ['not one that was announced and says nothing', [reading('soc', 60)], 'soc'],
    ['not one that fell silent', [reading('soc', 60), reading('system', 50)], 'soc'],
    ['none where nothing is read', [], null],
  ] as const)('%s', (_name, readings, expected) => {
    expect(chosen(...readings)).toBe(expected);
  });
});
