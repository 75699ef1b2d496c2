import type { CodeId } from '../../src/core/codes.ts';

export interface Trouble {
  readonly code: CodeId;
  /** Nothing can be read any more, of any board. */
  readonly fatal: boolean;
  readonly remedy: string;
}

interface Known extends Trouble {
  readonly pattern: RegExp;
}

/** What nvidia-smi writes to its standard output in place of readings. Source: its own texts, drivers 470 to 610. */
const KNOWN: readonly Known[] = [
  {
    pattern: /couldn't communicate with the NVIDIA driver/i,
    code: 'SAMPLER_DIED',
    fatal: true,
    remedy:
      'load the driver (sudo modprobe nvidia), or reinstall it for the running kernel, then: nvidia-smi',
  },
  {
    pattern: /Failed to initialize NVML/i,
    code: 'SAMPLER_DIED',
    fatal: true,
    remedy: 'driver and library differ, or access is missing: restart the machine, then: nvidia-smi',
  },
  {
    pattern: /No devices were found/i,
    code: 'SAMPLER_DIED',
    fatal: true,
    remedy: 'look whether the board is seen: lspci | grep -i nvidia, and: sudo dmesg | grep NVRM',
  },
  {
    pattern: /Unable to determine the device handle|GPU is lost|fallen off the bus/i,
    code: 'SAMPLER_DIED',
    fatal: false,
    remedy: 'the board is lost: sudo dmesg | grep Xid, then restart the machine',
  },
  {
    pattern: /is not a valid field to query|Insufficient Permissions/i,
    code: 'GARBAGE',
    fatal: false,
    remedy: 'update the NVIDIA driver',
  },
];

/** What a line that is no reading means; null for one that is not known. */
export function troubleOf(text: string): Trouble | null {
  const known = KNOWN.find(({ pattern }) => pattern.test(text));
  return known === undefined ? null : { code: known.code, fatal: known.fatal, remedy: known.remedy };
}

/** The index in `GPU1: 0000:34:00.0: Unknown Error`; null where a board is named by its bus address alone. */
export function boardOf(text: string): number | null {
  const index = /\bGPU\s?(\d{1,3}):\s/.exec(text)?.[1];
  return index === undefined ? null : Number(index);
}

/** Lines that say nothing of a reading. */
export function isChatter(text: string): boolean {
  return text.trim() === '' || /^(?:WARNING|Reboot the system to recover)/i.test(text.trim());
}
