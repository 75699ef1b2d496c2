import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { ChunkQueue, feedQueue } from '../../samplers/chunk-queue.ts';
import { manualClock } from '../support/manual-clock.ts';

const chunkOf = (size_B: number) => ({ chunk: new Uint8Array(size_B), arrival_s: 0 });
const MB = 1024 * 1024;

describe('ChunkQueue', () => {
  test('asks its source to wait when it holds 4 MB, and to go on when it has been read', async () => {
    const queue = new ChunkQueue();
    let resumed = 0;
    const resume = (): void => {
      resumed += 1;
    };
    expect(queue.push(chunkOf(3 * MB), resume)).toBe(false);
    expect(queue.push(chunkOf(MB), resume)).toBe(true);
    expect(resumed).toBe(0);
    await queue[Symbol.asyncIterator]().next();
    expect(resumed).toBe(1);
  });

  test('what was queued is read before the end', async () => {
    const queue = new ChunkQueue();
    for (const size_B of [1, 2, 3]) queue.push(chunkOf(size_B), () => undefined);
    queue.end();
    const sizes_B: number[] = [];
    for await (const { chunk } of queue) sizes_B.push(chunk.length);
    expect(sizes_B).toEqual([1, 2, 3]);
  });

  test('an end that discards leaves nothing to read, and takes nothing more', async () => {
    const queue = new ChunkQueue();
    queue.push(chunkOf(1), () => undefined);
    queue.end(true);
    queue.push(chunkOf(1), () => undefined);
    for await (const _ of queue) throw new Error('a chunk came after the end');
  });

  test('an end lets a source that waits go on, so that it can end', () => {
    const queue = new ChunkQueue();
    let resumed = false;
    queue.push(chunkOf(5 * MB), () => {
      resumed = true;
    });
    queue.end(true);
    expect(resumed).toBe(true);
  });

  test('a reader that waits is woken by a chunk and by the end', async () => {
    const queue = new ChunkQueue();
    const chunks = queue[Symbol.asyncIterator]();
    const first = chunks.next();
    queue.push(chunkOf(7), () => undefined);
    expect((await first).value?.chunk.length).toBe(7);
    const second = chunks.next();
    queue.end();
    expect((await second).done).toBe(true);
  });
});

describe('feedQueue', () => {
  test('pauses the stream at the limit and resumes it when it was read', async () => {
    const stream = new PassThrough({ highWaterMark: 8 * MB });
    const queue = new ChunkQueue();
    feedQueue(queue, stream, manualClock(3));
    stream.write(Buffer.alloc(4 * MB));
    expect(stream.isPaused()).toBe(true);
    const first = await queue[Symbol.asyncIterator]().next();
    expect(first.value?.arrival_s).toBe(3);
    expect(stream.isPaused()).toBe(false);
  });

  test('an error of the stream ends the queue', async () => {
    const stream = new PassThrough();
    const queue = new ChunkQueue();
    feedQueue(queue, stream, manualClock());
    stream.destroy(new Error('ECONNRESET'));
    for await (const _ of queue) throw new Error('a chunk came');
  });
});
