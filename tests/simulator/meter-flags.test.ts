import { describe, expect, test } from 'vitest';
import { parseMeterFlags } from '../../src/simulator/meter-flags.ts';

describe('parseMeterFlags', () => {
  test('reads the arguments of a plist stream in short and long form', () => {
    const wanted = {
      interval_ms: 250,
      frames: Number.POSITIVE_INFINITY,
      samplers: ['cpu_power', 'thermal'],
      unbuffered: true,
    };
    const long = [
      '--format',
      'plist',
      '--samplers',
      'cpu_power,thermal',
      '--sample-rate',
      '250',
      '--buffer-size',
      '0',
    ];
    expect(parseMeterFlags(['-f', 'plist', '-s', 'cpu_power,thermal', '-i', '250', '-b', '0'])).toEqual(
      wanted,
    );
    expect(parseMeterFlags([...long, '--handle-invalid-values'])).toEqual(wanted);
  });

  test('has the defaults of the real tool: every 5 s, for ever, all samplers, buffered', () => {
    expect(parseMeterFlags(['-f', 'plist'])).toEqual({
      interval_ms: 5000,
      frames: Number.POSITIVE_INFINITY,
      samplers: ['cpu_power', 'gpu_power', 'thermal'],
      unbuffered: false,
    });
  });

  test('counts frames', () => {
    expect(parseMeterFlags(['-f', 'plist', '-n', '3']).frames).toBe(3);
  });

  test.each([
    [['-f', 'plist', '--no-such-flag'], /no-such-flag/],
    [['-f', 'plist', 'positional'], /positional/],
    [['-f', 'text'], /plist/],
    [['-i', '250'], /plist/],
    [['-f', 'plist', '-s', 'cpu_power,ane_power'], /unrecognized sampler: ane_power/],
    [['-f', 'plist', '-i', '0'], /sample-rate/],
    [['-f', 'plist', '-i', 'soon'], /sample-rate/],
    [['-f', 'plist', '-n', '1.5'], /sample-count/],
  ])('refuses %j', (args, message) => {
    expect(() => parseMeterFlags(args)).toThrow(message);
    expect(() => parseMeterFlags(args)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
