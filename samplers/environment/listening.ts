import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { KernelFiles } from './kernel-files.ts';

/** State of a socket that waits for connections. Source: Documentation/networking/proc_net_tcp.rst, tcp_states.h. */
const LISTEN = '0A';
const SCHEME_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 };

/** The port of a server on this machine; null: it is on another one, or the text is no URL. */
export function localPort(url: string): number | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!isHere(host)) return null;
  return port === '' ? (SCHEME_PORTS[protocol] ?? null) : Number(port);
}

function isHere(host: string): boolean {
  if (host === 'localhost' || host === '0.0.0.0' || host === '::' || host === '::1') return true;
  if (isIP(host) === 4 && host.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === host));
}

/** Inodes of the sockets that wait on a port. Source: proc_net_tcp.rst. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTEN && local?.endsWith(`:${wanted}`) === true && inode !== undefined ? [inode] : [];
  });
}

/** The process that listens on a port; null: nobody does, or it is another user's, whose files are not for us. */
export function listenerOf(proc: KernelFiles, port: number): number | null {
  const tables = ['net/tcp', 'net/tcp6'].map((name) => proc.text(name) ?? '');
  const sockets = new Set(
    tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`),
  );
  if (sockets.size === 0) return null;
  for (const name of proc.names('.')) {
    if (!/^\d+$/.test(name)) continue;
    const folder = `${name}/fd`;
    if (proc.unsorted(folder).some((fd) => sockets.has(proc.link(`${folder}/${fd}`) ?? '')))
      return Number(name);
  }
  return null;
}
