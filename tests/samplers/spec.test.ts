import { describe, expect, test } from 'vitest';
import { SAMPLERS, samplerById } from '../../samplers/index.ts';
import { parseSamplerSpec, splitSamplerList } from '../../samplers/spec.ts';

describe('parseSamplerSpec', () => {
  test.each([
    ['replay:powermetrics:a.plist', 'a.plist', 1],
    ['replay:powermetrics:a.plist@0', 'a.plist', 0],
    ['replay:powermetrics:a.plist@2.5', 'a.plist', 2.5],
    ['replay:powermetrics:me@home.plist', 'me@home.plist', 1],
    ['replay:powermetrics:a@b@3', 'a@b', 3],
    ['replay:powermetrics:a@-1', 'a@-1', 1],
    ['replay:powermetrics:a@', 'a@', 1],
    ['replay:powermetrics:@0', '@0', 1],
    ['replay:powermetrics:C:\\run 1\\a.plist@0', 'C:\\run 1\\a.plist', 0],
    ['replay:powermetrics:/tmp/x:y,z.plist', '/tmp/x:y,z.plist', 1],
  ])('%s names the file %s at speed %d', (text, file, speed) => {
    expect(parseSamplerSpec(text)).toEqual({ sort: 'replay', format: 'powermetrics', file, speed });
  });

  test.each(['replay', 'replay:', 'replay:powermetrics', 'replay:powermetrics:', 'replay::a'])(
    '%s is incomplete',
    (text) => {
      expect(parseSamplerSpec(text)).toBeNull();
      expect(() => samplerById(text)).toThrow(expect.objectContaining({ code: 'REPLAY_INVALID' }));
    },
  );

  test('anything else is an id', () => {
    expect(parseSamplerSpec('powermetrics')).toEqual({ sort: 'id', id: 'powermetrics' });
  });
});

describe('splitSamplerList', () => {
  test('splits at commas, but leaves a replay whole', () => {
    expect(splitSamplerList('powermetrics, synthetic,')).toEqual(['powermetrics', 'synthetic']);
    expect(splitSamplerList('replay:powermetrics:a,b')).toEqual(['replay:powermetrics:a,b']);
  });
});

describe('samplerById', () => {
  test('finds each listed sampler under its own id, and each has its own', () => {
    for (const sampler of SAMPLERS) expect(samplerById(sampler.id)).toBe(sampler);
    expect(new Set(SAMPLERS.map((sampler) => sampler.id)).size).toBe(SAMPLERS.length);
  });

  test('refuses an unknown id and an unknown format, naming the known ones', () => {
    expect(() => samplerById('wattmeter')).toThrow(
      expect.objectContaining({ code: 'SAMPLER_UNKNOWN', message: expect.stringContaining('powermetrics') }),
    );
    expect(() => samplerById('replay:wattmeter:a')).toThrow(
      expect.objectContaining({ code: 'REPLAY_INVALID', message: expect.stringContaining('powermetrics') }),
    );
  });

  test('takes the samplers it is given in place of the listed ones', () => {
    expect(() => samplerById('powermetrics', [])).toThrow(
      expect.objectContaining({ code: 'SAMPLER_UNKNOWN' }),
    );
  });
});
