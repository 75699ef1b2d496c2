/**
 * The package's index loads fetch, WebSocket, caches and mocks as well; this module of it is the agent alone
 * (`scripts/bench-startup.ts` prints what either costs). It is no documented path, and the version is pinned.
 */
declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';

  export default Agent;
}
