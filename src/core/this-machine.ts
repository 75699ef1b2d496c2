/** Whether a host's name or address is the machine that this program runs on, as far as its spelling tells. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
