import { expect, test } from 'vitest';
import { inOrderOfInterest, observationText } from '../../../src/cli/watch/observation-text.ts';

const seen = (name: string, value: string | number) => ({ source: 's', name, at_s: 0, value });

test.each([
  ['gpu_freq_Hz', 444e6, 'gpu freq 444 MHz'],
  ['clock_MHz', 1980, 'clock 1980 MHz'],
  ['gpu_idleRatio', 0.25, 'gpu idle 25.0 %'],
  ['package_temp_C', 71.5, 'package temp 71.5 °C'],
  ['server_cores', 2.5, 'server cores 2.50'],
  ['thermal_pressure', 'nominal', 'thermal pressure nominal'],
  ['throttle', 'a\u001b[31m', 'throttle a␛[31m'],
])('%s %s reads as %j', (name, value, text) => {
  expect(observationText(seen(name, value))).toBe(text);
});

test('heat and clocks come first, and notes not at all', () => {
  const names = ['other_cores', 'note', 'cpu_temp_C', 'power_source', 'gpu_freq_Hz'];
  expect(inOrderOfInterest(names.map((name) => seen(name, 1))).map(({ name }) => name)).toEqual([
    'cpu_temp_C',
    'gpu_freq_Hz',
    'other_cores',
    'power_source',
  ]);
});
