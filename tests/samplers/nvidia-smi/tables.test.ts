import { describe, expect, test } from 'vitest';
import {
  canonicalField,
  DEFAULT_FIELDS,
  fieldsOfHelp,
  fieldsWithout,
  refusedField,
} from '../../../samplers/nvidia-smi/fields.ts';
import { computeCapOfName, type PowerLabel, sensorOf } from '../../../samplers/nvidia-smi/sensors.ts';
import { slowdownsOf, throttleReasons } from '../../../samplers/nvidia-smi/throttle.ts';

describe('fieldsOfHelp', () => {
  test('asks only for what the driver lists, by the name that it has', () => {
    const help =
      '"index"\nThe index.\n\n"power.draw"\n"clocks.current.sm" or "clocks.sm"\n"clocks_throttle_reasons.active"\n';
    expect(fieldsOfHelp(help)).toEqual([
      'index',
      'power.draw',
      'clocks.sm',
      'clocks_throttle_reasons.active',
    ]);
  });

  test('a help that names nothing is not believed', () => {
    expect(fieldsOfHelp('')).toBe(DEFAULT_FIELDS);
  });
});

describe('fieldsWithout', () => {
  test('a refused field gives way to its older name, then to nothing', () => {
    const first = fieldsWithout(
      ['index', 'power.draw', 'clocks_event_reasons.active'],
      'clocks_event_reasons.active',
    );
    expect(first).toEqual(['index', 'power.draw', 'clocks_throttle_reasons.active']);
    expect(fieldsWithout(first ?? [], 'clocks_throttle_reasons.active')).toEqual(['index', 'power.draw']);
  });

  test('without an index, without any power, or for a field not asked for, there is nothing to try', () => {
    expect(fieldsWithout(['index', 'power.draw'], 'power.draw')).toBeNull();
    expect(fieldsWithout(['index', 'power.draw'], 'index')).toBeNull();
    expect(fieldsWithout(['index', 'power.draw'], 'fan.speed')).toBeNull();
  });

  test('the refusal is found in the words of the tool', () => {
    expect(refusedField('Field "power.draw.instant" is not a valid field to query.\n')).toBe(
      'power.draw.instant',
    );
    expect(refusedField('No devices were found')).toBeNull();
  });

  test('names of one meaning are one name to the parser', () => {
    expect(canonicalField('clocks_throttle_reasons.active')).toBe('clocks_event_reasons.active');
    expect(canonicalField('fan.speed')).toBe('fan.speed');
  });
});

describe('sensorOf', () => {
  const rows: readonly (readonly [
    PowerLabel,
    number | null,
    number | null,
    string,
    number | null,
    number,
    boolean,
  ])[] = [
    ['power.draw.instant', 8.9, 550, 'gauge', null, 0.1, false],
    ['power.draw.instant', 8.0, 535, 'gauge', null, 0.1, true],
    ['power.draw.instant', 9.0, 535, 'gauge', null, 0.1, true],
    ['power.draw', 8.6, 535, 'averaged', 1, 0.1, false],
    ['power.draw', 8.6, 530, 'averaged', 0.1, 0.1, false],
    ['power.draw', 8.0, 535, 'averaged', 0.025, 0.1, true],
    ['power.draw', 7.5, 535, 'averaged', 0.1, 0.1, false],
    ['power.draw', 6.1, 535, 'averaged', 0.01, 0.02, true],
    ['power.draw', 5.2, 470, 'averaged', 0.014, 0.031, true],
    ['power.draw', 3.7, 470, 'averaged', 0.5, 0.1, false],
    ['power.draw', null, null, 'averaged', 1, 0.1, false],
    ['power.draw.average', 12, 580, 'averaged', 1, 0.1, false],
  ];

  test.each(rows)(
    '%s of %s, driver %s: %s over %s s, new every %s s',
    (label, computeCap, driver, ...known) => {
      const [kind, averaging_s, update_s, partial] = known;
      expect(sensorOf(label, { computeCap, driver })).toEqual({ kind, averaging_s, update_s, partial });
    },
  );

  test.each([
    ['NVIDIA GeForce RTX 2080 Ti', 7.5],
    ['NVIDIA GeForce RTX 3090', 8.6],
    ['NVIDIA A100-PCIE-40GB', 8],
    ['NVIDIA H100 PCIe', 9],
    ['GeForce GTX 1080', 6.1],
    ['Tesla K40m', 3.5],
    ['NVIDIA GB10', null],
  ])('%s is of compute capability %s', (name, computeCap) => {
    expect(computeCapOfName(name)).toBe(computeCap);
  });
});

describe('throttleReasons', () => {
  test('bits become names, an unknown bit stays a number', () => {
    expect(throttleReasons('0x0000000000000000')).toEqual([]);
    expect(throttleReasons('0x0000000000000024')).toEqual(['sw_power_cap', 'sw_thermal_slowdown']);
    expect(throttleReasons('0x8000000000000001')).toEqual(['gpu_idle', '0x8000000000000000']);
    expect(throttleReasons('Active')).toBeNull();
    expect(throttleReasons('[N/A]')).toBeNull();
  });

  test('heat and supply slow a board, its power cap does not', () => {
    expect(slowdownsOf(['sw_power_cap', 'gpu_idle', 'hw_power_brake_slowdown'])).toEqual([
      'hw_power_brake_slowdown',
    ]);
  });
});
