import type { Batch, Domain } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import type { Parser } from '../sampler.ts';
import { readDocument } from './document.ts';
import { powermetricsDomains, UNKNOWN_MACHINE } from './domains.ts';
import { endsInsideMarkup, frameStarts } from './frame-start.ts';
import { FrameSplitter } from './frames.ts';
import { readPlist } from './plist.ts';
import type { Reading } from './reading.ts';
import { lostFrame, observed, PowermetricsAccount } from './samples.ts';
import { rootsIn, strayText } from './stray-text.ts';

/** What the source can give, before a frame told which machine it is. */
export const POWERMETRICS_DOMAINS: readonly Domain[] = powermetricsDomains(UNKNOWN_MACHINE);

interface Found {
  readonly reading: Reading;
  /** Where the frame begins in its piece. */
  readonly start: number;
}

/**
 * `powermetrics -f plist` in any chunking → one batch per frame, at its `</plist>`. Frames that cannot be read, cut-off
 * ones and stray text become a GARBAGE event each; memory is bounded by one frame of 8 MB.
 */
export function createPowermetricsParser(): Parser {
  const splitter = new FrameSplitter();
  const account = new PowermetricsAccount();
  return {
    push: (chunk, arrival_s) => {
      splitter.push(chunk);
      const batches = drain(splitter, account, arrival_s);
      const dropped_B = splitter.dropOversized();
      if (dropped_B > 0) batches.push(lostFrame(`${dropped_B} bytes without an end of a frame`, arrival_s));
      return batches;
    },
    end: (arrival_s) => {
      const rest = splitter.rest();
      const batches = strayBatches(rest, arrival_s);
      splitter.consume(rest.length);
      return batches;
    },
  };
}

function drain(splitter: FrameSplitter, account: PowermetricsAccount, arrival_s: Seconds): Batch[] {
  const batches: Batch[] = [];
  for (let piece = splitter.peek(0); piece !== null; piece = splitter.peek(0)) {
    let found = findReading(piece, account.wantsMachine);
    if (found === null && endsInsideMarkup(piece)) {
      const longer = splitter.peek(1);
      if (longer === null) break;
      found = findReading(longer, account.wantsMachine);
      if (found !== null) piece = longer;
    }
    batches.push(...batchesOf({ piece, found, account, arrival_s }));
    splitter.consume(piece.length);
  }
  return batches;
}

function findReading(piece: Uint8Array, machine: boolean): Found | null {
  for (const start of frameStarts(piece)) {
    const reading = readFrame(piece.subarray(start), machine);
    if (reading !== null) return { reading, start };
  }
  return null;
}

/** Hot parser first; the plist package only for what that one finds odd. */
function readFrame(frame: Uint8Array, machine: boolean): Reading | null {
  const answer = readPlist(frame, { machine });
  if ('reading' in answer) return answer.reading;
  return answer.trouble === 'odd' ? readDocument(frame) : null;
}

function batchesOf(given: {
  readonly piece: Uint8Array;
  readonly found: Found | null;
  readonly account: PowermetricsAccount;
  readonly arrival_s: Seconds;
}): Batch[] {
  const { piece, found, account, arrival_s } = given;
  if (found === null) {
    const frames = Math.max(1, rootsIn(piece));
    return [lostFrame(`${frames} frame(s) unreadable: ${piece.length} bytes lost`, arrival_s)];
  }
  const stray = strayBatches(piece.subarray(0, found.start), arrival_s);
  return [...stray, account.batchOf(found.reading, arrival_s)];
}

/** What stands outside of frames: nothing for blanks, a note for the tool's known chatter, else GARBAGE. */
function strayBatches(bytes: Uint8Array, arrival_s: Seconds): Batch[] {
  const stray = strayText(bytes);
  if (stray === null) return [];
  if (stray.sort === 'garbage') return [lostFrame(stray.detail, arrival_s)];
  return [{ samples: [], observations: observed(arrival_s, { note: stray.detail }), events: [] }];
}
