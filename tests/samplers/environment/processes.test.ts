import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { KernelFiles } from '../../../samplers/environment/kernel-files.ts';
import { listeningInodes, localPort } from '../../../samplers/environment/listening.ts';
import { busyTime_s, parseProcess, parseResident_B } from '../../../samplers/environment/process-table.ts';
import { ServerProcess } from '../../../samplers/environment/server-process.ts';
import { type ProcTree, procTree } from '../../support/proc-tree.ts';

const SELF = 50;
const URL_TEXT = 'http://127.0.0.1:1234';

function serverOf(tree: ProcTree, url: string | null = URL_TEXT): ServerProcess {
  return new ServerProcess(new KernelFiles(tree.root), url, SELF);
}

/** A server 10 with a worker 11, beside ourselves and a stranger. */
function usual(): ProcTree {
  const tree = procTree();
  tree.process(1, { parent: 0 });
  tree.process(SELF, { parent: 1, cpu_ticks: 5000 });
  tree.process(10, { parent: 1, cpu_ticks: 100, sockets: [4, 777], exe: '/opt/server' });
  tree.process(11, { parent: 10, cpu_ticks: 250 });
  tree.process(12, { parent: 1, cpu_ticks: 9000 });
  tree.listening([1235, 700], [1234, 777]);
  return tree;
}

describe('the process behind the port', () => {
  test('is the one that holds the listening socket; its time is that of its whole tree', () => {
    const server = serverOf(usual());
    expect(server.locate()).toEqual({ sort: 'local', pid: 10 });
    expect(server.read()?.cpu_s).toBe(3.5);
  });

  test('holds the memory of its whole tree, and of nobody else', () => {
    const tree = usual();
    const server = serverOf(tree);
    server.locate();
    expect(server.read()?.memory_B).toBeNull();
    tree.process(10, { parent: 1, memory_kiB: 300 });
    tree.process(11, { parent: 10, memory_kiB: 5_000_000 });
    tree.process(12, { parent: 1, memory_kiB: 7 });
    expect(server.read()?.memory_B).toBe(5_000_300 * 1024);
    tree.end(11);
    expect(server.read()?.memory_B).toBe(300 * 1024);
  });

  test('children that come later are counted, and what ended children had used as well', () => {
    const tree = usual();
    const server = serverOf(tree);
    server.locate();
    tree.process(13, { parent: 11, cpu_ticks: 50 });
    expect(server.read()?.cpu_s).toBe(4);
    tree.end(13);
    tree.process(11, { parent: 10, cpu_ticks: 250, childCpu_ticks: 60 });
    expect(server.read()?.cpu_s).toBeCloseTo(4.1, 9);
  });

  test('a server that works in sibling processes is taken from the parent of the same program', () => {
    const tree = usual();
    tree.process(20, { parent: 1, cpu_ticks: 1, exe: '/opt/studio' });
    tree.process(21, { parent: 20, cpu_ticks: 2, exe: '/opt/studio', sockets: [888] });
    tree.process(22, { parent: 20, cpu_ticks: 4, exe: '/opt/engine' });
    tree.listening([1234, 888]);
    const server = serverOf(tree);
    expect(server.locate()).toEqual({ sort: 'local', pid: 20 });
    expect(server.read()?.cpu_s).toBeCloseTo(0.07, 9);
  });

  test('is found anew when it was started anew, and is gone until then', () => {
    const tree = usual();
    const server = serverOf(tree);
    server.locate();
    tree.end(10);
    tree.end(11);
    expect(server.read()).toBeNull();
    // Another program under the old number.
    tree.process(10, { parent: 1, cpu_ticks: 8, started_ticks: 99 });
    expect(server.read()).toBeNull();
    tree.process(30, { parent: 1, cpu_ticks: 8, sockets: [777] });
    expect(server.locate()).toEqual({ sort: 'local', pid: 30 });
    expect(server.read()?.cpu_s).toBe(0.08);
  });

  test.each([
    ['http://192.0.2.7:1234', 'remote'],
    ['not a url', 'remote'],
    [null, 'unknown'],
    ['http://localhost:4321', 'unknown'],
  ])('of %j is %s, and has no time', (url, sort) => {
    const server = serverOf(usual(), url);
    expect(server.locate()).toEqual({ sort });
    expect(server.read()).toBeNull();
  });

  test('is not told from ours where it is ours', () => {
    const tree = usual();
    tree.process(SELF, { parent: 1, sockets: [888] });
    tree.listening([1234, 888]);
    expect(serverOf(tree).locate()).toEqual({ sort: 'unknown' });
  });

  test("another user's open files are no answer", () => {
    const tree = usual();
    tree.process(10, { parent: 1 });
    expect(serverOf(tree).locate()).toEqual({ sort: 'unknown' });
  });
});

describe('what the kernel writes', () => {
  test('a name may hold blanks and brackets', () => {
    const text = '7 (a) S 1 (b) S 3 1 1 0 -1 0 9 9 0 0 10 20 30 40 20 0 1 0 555 0 0';
    expect(parseProcess(text)).toEqual({ parent: 3, cpu_ticks: 100, started_ticks: 555 });
  });

  test('resident memory is stated in units of 1,024 bytes, or not at all', () => {
    expect(parseResident_B('Name:\ta\nVmHWM:\t   99 kB\nVmRSS:\t   12 kB\nRssFile:\t 4 kB\n')).toBe(12_288);
    expect(parseResident_B('Name:\tkthreadd\nThreads:\t1\n')).toBeNull();
    expect(parseResident_B('Name:\tVmRSS: 3 kB\n')).toBeNull();
  });

  test('neither waiting nor stolen time is work', () => {
    expect(busyTime_s('cpu  100 10 50 9999 700 5 5 800 40 0\ncpu0 1 1')).toBe(1.7);
    expect(busyTime_s(null)).toBeNull();
    expect(busyTime_s('intr 7')).toBeNull();
  });

  test('nothing that is written there throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 65_535 }), (text, port) => {
        parseProcess(text);
        parseResident_B(text);
        busyTime_s(text);
        expect(listeningInodes(text, port)).toBeInstanceOf(Array);
        localPort(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('only sockets that wait on this port count', () => {
    const row = (local: string, state: string): string =>
      `0: ${local} 00000000:0000 ${state} 0:0 00:0 0 0 0 42 1`;
    expect(listeningInodes(row('00000000:04D2', '0A'), 1234)).toEqual(['42']);
    expect(listeningInodes(row('00000000000000000000000001000000:04D2', '0A'), 1234)).toEqual(['42']);
    expect(listeningInodes(row('00000000:04D2', '01'), 1234)).toEqual([]);
    expect(listeningInodes(row('00000000:04D3', '0A'), 1234)).toEqual([]);
  });

  test.each([
    ['http://localhost:1234/v1', 1234],
    ['ws://127.0.0.1', 80],
    ['https://[::1]', 443],
    ['http://0.0.0.0:8080', 8080],
    ['http://example.org:1234', null],
  ])('%s listens on %j of this machine', (url, port) => {
    expect(localPort(url)).toBe(port);
  });
});

const PROGRAM =
  "require('http').createServer((q, r) => { const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end); r.end(); }).listen(0, '127.0.0.1', function () { process.stdout.write(String(this.address().port)); });";

test.runIf(existsSync('/proc/net/tcp'))(
  'a real server is found by its port, and its work is seen',
  async () => {
    const child: ChildProcess = spawn(process.execPath, ['-e', PROGRAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill());
    const port = await new Promise<string>((resolve) =>
      child.stdout?.once('data', (text) => resolve(String(text))),
    );
    const server = new ServerProcess(new KernelFiles('/proc'), `http://127.0.0.1:${port}`, process.pid);
    expect(server.locate()).toEqual({ sort: 'local', pid: child.pid });
    const before_s = server.read()?.cpu_s ?? Number.NaN;
    await (await fetch(`http://127.0.0.1:${port}`)).text();
    const used_s = (server.read()?.cpu_s ?? Number.NaN) - before_s;
    expect(used_s).toBeGreaterThan(0.25);
    expect(used_s).toBeLessThan(2);
    // A Node process: tens of megabytes, whatever the size of a page here.
    expect(server.read()?.memory_B).toBeGreaterThan(2e7);
    expect(server.read()?.memory_B).toBeLessThan(1e9);
  },
);
