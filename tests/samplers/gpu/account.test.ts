import { describe, expect, test } from 'vitest';
import { GpuAccount } from '../../../samplers/gpu/account.ts';
import { Observer } from '../../../samplers/gpu/observer.ts';
import type { GpuReading, GpuSource } from '../../../samplers/gpu/reading.ts';
import { UpdatePeriod } from '../../../samplers/gpu/update-period.ts';

const SOURCE: GpuSource = {
  source: 'test',
  systematicRatio: null,
  powerStep_W: 0.01,
  energyStep_J: 0.001,
  energyScope: 'counter',
  transport_s: 0,
  instead: () => 'a wall meter',
};

function reading(given: Partial<GpuReading> & { readonly power_W?: number }): GpuReading {
  const { power_W = 50, ...rest } = given;
  const field = { kind: 'gauge', averaging_s: null, update_s: 0.1, scope: 'board', word: null } as const;
  return {
    index: 0,
    name: 'Board',
    powers: [{ label: 'power', power_W, ...field }],
    energy_J: null,
    limit_W: 100,
    loadRatio: null,
    slowedBy: [],
    facts: {},
    ...rest,
  };
}

describe('GpuAccount', () => {
  test('a domain is announced with its first reading and again only when it changes', () => {
    const account = new GpuAccount(SOURCE);
    const announced = [
      account.batchOf([reading({})], 0),
      account.batchOf([reading({})], 1),
      account.batchOf([reading({ limit_W: 200 })], 2),
      account.batchOf([reading({ index: 1 })], 3),
    ].map((batch) => batch.domains?.map((domain) => [domain.id, domain.maxPower_W]));
    expect(announced).toEqual([
      [['gpu:0', 120]],
      undefined,
      [['gpu:0', 240]],
      [
        ['gpu:0', 240],
        ['gpu:1', 120],
      ],
    ]);
  });

  test('a board whose power comes late is announced then', () => {
    const account = new GpuAccount(SOURCE);
    const silent = reading({ powers: [] });
    expect(account.batchOf([silent], 0).domains).toBeUndefined();
    expect(account.batchOf([reading({})], 1).domains).toHaveLength(1);
  });

  test('a damaged index is GARBAGE and makes no board', () => {
    const batch = new GpuAccount(SOURCE).batchOf([reading({ index: 4711 })], 0);
    expect(batch.events).toMatchObject([{ code: 'GARBAGE', detail: 'a board of index 4711' }]);
    expect(batch.domains).toBeUndefined();
  });

  test('an outage is told once, and again when it comes again', () => {
    const account = new GpuAccount(SOURCE);
    const codes = [50, null, null, 50, null].map((power_W, at_s) => {
      const one = reading({});
      const powers = one.powers.map((field) => ({
        ...field,
        power_W,
        word: power_W === null ? 'ERR!' : null,
      }));
      return account.batchOf([{ ...one, powers }], at_s).events.map((event) => event.code);
    });
    expect(codes).toEqual([[], ['RAIL_MISSING'], [], [], ['RAIL_MISSING']]);
  });
});

describe('Observer', () => {
  test('what does not change is said once; what changes fast, once a second', () => {
    const observer = new Observer('test');
    const said = [0, 0.4, 0.8, 1.2, 1.6, 5].map(
      (at_s) => observer.observe('gpu:0', at_s, { steady: 'on', load_ratio: at_s, none: null }).length,
    );
    expect(said).toEqual([2, 0, 0, 1, 0, 1]);
    expect(observer.observe('gpu:0', 9, { load_ratio: 0.5 })).toEqual([
      { source: 'test', name: 'gpu:0 load_ratio', at_s: 9, value: 0.5 },
    ]);
  });
});

describe('UpdatePeriod', () => {
  test('the period is said when known, and again when it changes by a fifth', () => {
    const period = new UpdatePeriod();
    const said: number[] = [];
    for (let k = 0; k < 400; k++) {
      const every = k < 200 ? 4 : 8;
      const news = period.read(k * 0.05, Math.floor(k / every) % 10);
      if (news.period_s !== null) said.push(news.period_s);
    }
    expect(said).toHaveLength(2);
    expect(said[0]).toBeCloseTo(0.2, 9);
    expect(said[1]).toBeCloseTo(0.4, 9);
  });

  test('a run that a missing reading cut is not counted', () => {
    const period = new UpdatePeriod();
    period.read(0, 1);
    period.forget();
    expect(period.read(20, 1)).toEqual({ period_s: null, stale_s: null });
  });
});
